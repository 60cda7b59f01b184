import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { runAsProcess } from "./run-as-process.ts";
import { fakeProvider, type FakeProviderOptions } from "./start-fake-provider.ts";

/** The options that a command line may set. */
const flags = {
  port: { type: "string", default: "0" },
  token: { type: "string" },
  "time-scale": { type: "string", default: "1" },
  log: { type: "string" },
  routes: { type: "string" },
  "until-stdin-ends": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** What a command line says: `--port`, `--token`, `--time-scale`, `--log <file>`, `--routes <module>`, `--until-stdin-ends`. */
export function fakeProviderFlags(args: readonly string[] = process.argv.slice(2)) {
  return parseArgs({ args: [...args], options: flags }).values;
}

/** Runs a fake as a process of its own, see {@link runAsProcess}: its first line is `{"url":…,"token":…,"pid":…}`. */
export async function serveFakeProvider(options: FakeProviderOptions, values = fakeProviderFlags()): Promise<void> {
  const { log: logPath, token } = values;
  const fake = await fakeProvider({
    timeScale: Number(values["time-scale"]),
    port: Number(values.port),
    ...options,
    ...(token === undefined ? {} : { token }),
    ...(logPath === undefined ? {} : { log: (entry) => appendFileSync(logPath, `${JSON.stringify(entry)}\n`) }),
  });
  runAsProcess(fake, { url: fake.url, token: fake.token }, values["until-stdin-ends"]);
}
