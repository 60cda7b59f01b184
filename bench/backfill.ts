/**
 * A large backfill through the built program: first at a rate, whose pace and estimates are held to it, then as fast as it can while it is killed.
 * Fails when an item is missing or stored twice, when the live cursor moved, when the pace is off by more than 10 %, or the estimate after a
 * tenth by more than 20 %:
 * node --conditions=@statewave-connectors/source bench/backfill.ts [items] [kills] [rate]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describeMachine } from "./lib/machine.ts";
import { startStatewave } from "./lib/runner-process.ts";

const items = Number(process.argv[2] ?? 1_000_000);
const kills = Number(process.argv[3] ?? 20);
/** Of episodes a second: one that the machine holds, whatever else it does. */
const rate = Number(process.argv[4] ?? 5_000);
const program = fileURLToPath(new URL("../apps/runner/dist/main.js", import.meta.url));
const connector = fileURLToPath(new URL("processes/numbered-connector.ts", import.meta.url));
const firstMs = Date.UTC(2025, 0, 1);
interface Progress {
  readonly delivered: number;
  readonly active_ms: number;
  readonly fraction?: number;
  readonly remaining_ms?: number;
}

interface Running {
  /** Each line of progress as it comes. */
  readonly progress: AsyncIterable<Progress>;
  readonly ended: Promise<number | null>;
  kill(): void;
}

console.log(describeMachine());
const folder = await mkdtemp(join(tmpdir(), "statewave-bench-"));
const statewave = await startStatewave(0, ["--keep", "keys"]);
const config = join(folder, "statewave-connectors.toml");
await writeFile(
  config,
  `[statewave]\nurl = "${statewave.url}"\n\n[runner]\nstate_dir = "./state"\n\n[runner.state]\nkind = "file"\n\n[connectors]\nnumbered = "${connector}"\n\n[[pull.numbered]]\nname = "all"\nschedule = "0 0 1 1 *"\npage_size = 500\n`,
);

function start(...args: readonly string[]): Running {
  const child = spawn(process.execPath, [program, ...args, "--config", config], { stdio: ["ignore", "pipe", "inherit"] });
  async function* lines(): AsyncGenerator<Progress> {
    for await (const line of createInterface({ input: child.stdout })) {
      const { progress, backfill } = JSON.parse(line) as { readonly progress?: Progress; readonly backfill?: Progress };
      const shown = progress ?? backfill;
      if (shown !== undefined) yield shown;
    }
  }
  return {
    progress: lines(),
    ended: once(child, "exit").then(([code]) => code as number | null),
    kill: () => child.kill("SIGKILL"),
  };
}

const instant = (number: number) => new Date(firstMs + number * 1_000).toISOString();

function startBackfill(from: number, to: number, ...more: readonly string[]): Running {
  return start("backfill", "numbered/all", "--since", instant(from), "--until", instant(to), "--yes", "--json", ...more);
}

async function stored(): Promise<{ readonly stored: number; readonly duplicates: number }> {
  return (await fetch(`${statewave.url}/_fake/stats`)).json() as never;
}

let isRight = true;
function report(found: string, isFine: boolean): void {
  console.log(`${found}${isFine ? "" : "  <- not as promised"}`);
  isRight &&= isFine;
}

/** Reads it to its end; by how much the estimate after a tenth was wrong, as a part of the time that was left. */
async function watch({
  progress,
  ended,
}: Running): Promise<{ readonly seconds: number; readonly estimateError: number | undefined }> {
  const startedMs = performance.now();
  let estimate: { readonly madeMs: number; readonly remainingMs: number } | undefined;
  for await (const { fraction = 0, remaining_ms: remainingMs } of progress)
    // Progress comes every two seconds: of a short one, nothing may be left after the first that is above a tenth.
    if (fraction >= 0.1 && fraction <= 0.5 && remainingMs !== undefined) estimate ??= { madeMs: performance.now(), remainingMs };
  if ((await ended) !== 0) throw new Error("the backfill failed");
  const endMs = performance.now();
  const leftMs = endMs - (estimate?.madeMs ?? endMs);
  return {
    seconds: (endMs - startedMs) / 1_000,
    estimateError: estimate === undefined ? undefined : Math.abs(estimate.remainingMs - leftMs) / leftMs,
  };
}

const percent = (part: number | undefined) => (part === undefined ? "unknown" : `${(part * 100).toFixed(1)} %`);

await start("state", "set", "--yes", "numbered/all", "live").ended;
const whole = await watch(startBackfill(0, items, "--rate", String(rate)));
const found = (await listBackfills()).find(({ delivered }) => delivered === items);
const pace = items / ((found?.active_ms ?? 0) / 1_000);
report(
  `${items} items at ${rate}/s in ${whole.seconds.toFixed(1)} s: ${pace.toFixed(0)}/s; estimate after a tenth wrong by ${percent(whole.estimateError)}`,
  Math.abs(pace / rate - 1) <= 0.1 && (whole.estimateError ?? 0) <= 0.2,
);

const startedMs = performance.now();
for (let kill = 1; kill <= kills; kill += 1) {
  const running = startBackfill(items, 2 * items);
  const mark = items + (items * kill) / (kills + 1);
  while ((await stored()).stored < mark) await new Promise((resolve) => setTimeout(resolve, 20));
  running.kill();
  await running.ended;
}
await watch(startBackfill(items, 2 * items));
const killedSeconds = (performance.now() - startedMs) / 1_000;
const { stored: all, duplicates } = await stored();
report(
  `${items} items, killed ${kills} times, in ${killedSeconds.toFixed(1)} s (${(items / killedSeconds).toFixed(0)}/s); ${all - items} stored, ${duplicates} sent twice and recognised`,
  all === 2 * items,
);

report(`live cursor: ${await cursor()}`, (await cursor()) === "live");
await statewave.stop();
await rm(folder, { recursive: true });
process.exitCode = isRight ? 0 : 1;

async function output(...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [program, ...args, "--config", config], { stdio: ["ignore", "pipe", "inherit"] });
  return text(child.stdout);
}

async function listBackfills(): Promise<readonly Progress[]> {
  const lines = await output("backfill", "list", "--json");
  return lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Progress);
}

async function cursor(): Promise<string> {
  return (await output("state", "get", "numbered/all")).trim();
}
