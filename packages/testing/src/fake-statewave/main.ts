#!/usr/bin/env node
import { parseArgs } from "node:util";
import type { Keep } from "./episode-table.ts";
import type { Release } from "./release.ts";
import { type FakeCompileOptions, startFakeStatewave } from "./start-fake-statewave.ts";

// The fake as a process, `fake-statewave`, for end-to-end and crash tests and for benches. Prints its address as the first line.
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "latency-ms": { type: "string", default: "0" },
    log: { type: "string" },
    keep: { type: "string", default: "all" },
    "api-key": { type: "string" },
    "tenant-header": { type: "string" },
    release: { type: "string" },
    compile: { type: "string", default: "jobs" },
    "compile-ms": { type: "string", default: "0" },
    "require-tenant": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(
    "usage: fake-statewave [--port <n>] [--latency-ms <n>] [--log <file>] [--keep all|keys|none] [--api-key <text>] [--tenant-header <name>] [--require-tenant] [--release 0.7.1|1.0.0|1.4.0] [--compile jobs|calls|none] [--compile-ms <n>]",
  );
  process.exit(0);
}
const latencyMs = Number(values["latency-ms"]);
const fake = await startFakeStatewave({
  port: Number(values.port),
  keep: toKeep(values.keep),
  requireTenant: values["require-tenant"],
  compile: toCompile(values.compile, Number(values["compile-ms"])),
  ...(values.log === undefined ? {} : { logPath: values.log }),
  ...(values["api-key"] === undefined ? {} : { apiKey: values["api-key"] }),
  ...(values["tenant-header"] === undefined ? {} : { tenantHeader: values["tenant-header"] }),
  ...(values.release === undefined ? {} : { release: toRelease(values.release) }),
  ...(latencyMs > 0 ? { faults: [{ type: "latency", latencyMs }] } : {}),
});
process.stdout.write(`${fake.url}\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void fake.close());

function toKeep(text: string): Keep {
  if (text === "all" || text === "keys" || text === "none") return text;
  throw new RangeError(`--keep is all, keys or none, not ${text}`);
}

function toRelease(text: string): Release {
  if (text === "0.7.1" || text === "1.0.0" || text === "1.4.0") return text;
  throw new RangeError(`--release is 0.7.1, 1.0.0 or 1.4.0, not ${text}`);
}

function toCompile(text: string, takesMs: number): FakeCompileOptions | false {
  if (text === "none") return false;
  if (text === "jobs" || text === "calls") return { jobs: text === "jobs", takesMs };
  throw new RangeError(`--compile is jobs, calls or none, not ${text}`);
}
