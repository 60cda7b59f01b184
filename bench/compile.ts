/**
 * Delivery with `[statewave.compile]` and without: node --conditions=@statewave-connectors/source bench/compile.ts [pairs] [episodes] [subjects]
 *
 * The built program with file state reads a first sync that touches many subjects and delivers it to a fake Statewave, a process of its own
 * that compiles for 20 ms a call. In turn, with `mode = "after"` and times so short that subjects are due all the time, and with "off".
 * Timed is from the first stored episode to the last. The fake waits while it compiles; a real server computes, which is why the runner
 * compiles for a twentieth of the time while it delivers. Ends with 1 when delivery with it is below 0.95 of without.
 */
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { describeMachine } from "./lib/machine.ts";
import { median } from "./lib/pairs.ts";
import { startRunner, startStatewave } from "./lib/runner-process.ts";

const pairs = Number(process.argv[2] ?? 7);
const episodes = Number(process.argv[3] ?? 150_000);
const subjects = Number(process.argv[4] ?? 2_000);
const connector = fileURLToPath(new URL("processes/subjects-connector.ts", import.meta.url));
const compileMs = 20;
const pollMs = 10;
/** Of what is delivered without. */
const leastDelivery = 0.95;

interface Delivered {
  readonly perSecond: number;
  readonly cpuMs: number;
  /** Requests to compile while it was delivered. */
  readonly compiles: number;
}

interface Stats {
  readonly stored: number;
}

async function deliver(mode: "after" | "off"): Promise<Delivered> {
  const statewave = await startStatewave(0, ["--compile", "calls", "--compile-ms", String(compileMs)]);
  const runner = await startRunner({ toml: toml(statewave.url, mode), quiet: true });
  const stored = async () => ((await (await fetch(`${statewave.url}/_fake/stats`)).json()) as Stats).stored;
  while ((await stored()) === 0) await sleep(pollMs);
  const startedMs = performance.now();
  const first = await stored();
  const cpuBeforeMs = await runner.cpuMs();
  while ((await stored()) < episodes) await sleep(pollMs);
  const seconds = (performance.now() - startedMs) / 1_000;
  const cpuMs = (await runner.cpuMs()) - cpuBeforeMs;
  const compiles = await runner.metric("statewave_runner_compile_requests_total");
  await runner.stop();
  await statewave.stop();
  return { perSecond: (episodes - first) / seconds, cpuMs, compiles };
}

function toml(url: string, mode: "after" | "off"): string {
  const compile = mode === "off" ? "" : '[statewave.compile]\nmode = "after"\nquiet = "5s"\nat_most = "5s"\n\n';
  const entry = `[[pull.subjects]]\nname = "all"\nschedule = "every 1s"\nepisodes = ${episodes}\nsubjects = ${subjects}\n`;
  return `[runner.state]\nkind = "file"\n\n[statewave]\nurl = "${url}"\n\n${compile}[connectors]\nsubjects = "${connector}"\n\n${entry}`;
}

function print(name: string, { perSecond, cpuMs, compiles }: Delivered): void {
  console.log(
    `${name.padEnd(8)} ${perSecond.toFixed(0).padStart(6)}/s delivered  ${(cpuMs / episodes).toFixed(3)} ms of processor each  ${compiles} compiles`,
  );
}

console.log(describeMachine());
const rates: number[] = [];
const costs: number[] = [];
for (let pair = 0; pair < pairs; pair += 1) {
  // Whichever comes first meets another machine than the other.
  const modes = pair % 2 === 0 ? (["off", "after"] as const) : (["after", "off"] as const);
  const results = new Map<"after" | "off", Delivered>();
  for (const mode of modes) {
    const result = await deliver(mode);
    results.set(mode, result);
    print(mode, result);
  }
  const [off, after] = [results.get("off"), results.get("after")];
  if (off === undefined || after === undefined) continue;
  rates.push(after.perSecond / off.perSecond);
  costs.push(after.cpuMs / off.cpuMs);
}
console.log(
  `delivered with compile: median ${median(rates).toFixed(3)} of without (${rates.map((rate) => rate.toFixed(2)).join(", ")})`,
);
console.log(`processor with compile: median ${median(costs).toFixed(3)} of without`);
if (!(median(rates) >= leastDelivery)) process.exitCode = 1;
