import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fakeProvider, type FakeProviderOptions } from "./start-fake-provider.ts";

/** The options that a command line may set. */
const flags = {
  port: { type: "string", default: "0" },
  token: { type: "string" },
  "time-scale": { type: "string", default: "1" },
  log: { type: "string" },
  routes: { type: "string" },
  "until-stdin-ends": { type: "boolean", default: false },
} as const;

/** What a command line says: `--port`, `--token`, `--time-scale`, `--log <file>`, `--routes <module>`, `--until-stdin-ends`. */
export function fakeProviderFlags(args: readonly string[] = process.argv.slice(2)) {
  return parseArgs({ args: [...args], options: flags }).values;
}

/**
 * Runs a fake as a process of its own: prints `{"url":…,"token":…,"pid":…}` as its first line and ends at SIGTERM, SIGINT, or with
 * `--until-stdin-ends` when its parent is gone.
 */
export async function serveFakeProvider(options: FakeProviderOptions, values = fakeProviderFlags()): Promise<void> {
  const { log: logPath, token } = values;
  const fake = await fakeProvider({
    timeScale: Number(values["time-scale"]),
    port: Number(values.port),
    ...options,
    ...(token === undefined ? {} : { token }),
    ...(logPath === undefined ? {} : { log: (entry) => appendFileSync(logPath, `${JSON.stringify(entry)}\n`) }),
  });
  process.stdout.write(`${JSON.stringify({ url: fake.url, token: fake.token, pid: process.pid })}\n`);
  const stop = () => void fake.close().then(() => process.exit(0));
  process.once("SIGTERM", stop).once("SIGINT", stop);
  if (values["until-stdin-ends"]) process.stdin.resume().once("end", stop);
}
