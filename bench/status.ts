/**
 * How long `status` takes with 1 and with 1,000 pull sources that ran, through a running process and on a stopped one's state; fails when it takes
 * more than 3 times as long:
 * node --conditions=@statewave-connectors/source bench/status.ts [runs]
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeMachine } from "./lib/machine.ts";
import { median } from "./lib/pairs.ts";
import { startRunner } from "./lib/runner-process.ts";

const runs = Number(process.argv[2] ?? 11);
const most = 3;
const counts = [1, 1_000] as const;
const program = fileURLToPath(new URL("../apps/runner/dist/main.js", import.meta.url));

const entry = (index: number) => `[[pull.markdown]]\nname = "docs-${index}"\nschedule = "every 1d"\npath = "./docs"\n`;

function configOf(folder: string, sources: number): string {
  const head = `state_dir = "${folder}/state"\n\n[runner.state]\nkind = "file"\n\n[statewave]\nurl = "file:${folder}/episodes.jsonl"\n\n`;
  return head + Array.from({ length: sources }, (_, index) => entry(index).replace("./docs", folder)).join("");
}

/** A state in which every source has run, with its configuration. */
async function prepare(sources: number): Promise<{ readonly folder: string; readonly toml: string; readonly config: string }> {
  const folder = await mkdtemp(join(tmpdir(), "statewave-status-"));
  await writeFile(join(folder, "note.md"), "# Note\n");
  const toml = configOf(folder, sources);
  const config = join(folder, "statewave-connectors.toml");
  await writeFile(config, `[runner]\n${toml}`);
  const { status } = spawnSync(process.execPath, [program, "run", "--once", "--config", config], { stdio: "ignore" });
  if (status !== 0) throw new Error(`run --once ended with ${status}`);
  return { folder, toml, config };
}

function statusMs(config: string): number {
  const startedMs = performance.now();
  const { stdout } = spawnSync(process.execPath, [program, "status", "--json", "--config", config], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const tookMs = performance.now() - startedMs;
  JSON.parse(stdout.toString());
  return tookMs;
}

/** In turn, so that other work on the machine slows all of them. */
function compare(title: string, configs: readonly string[]): void {
  const times = configs.map((): number[] => []);
  for (let run = 0; run < runs; run += 1) for (const [index, config] of configs.entries()) times[index]?.push(statusMs(config));
  const [one = 0, many = 0] = times.map(median);
  console.log(`${title}: ${one.toFixed(0)} ms with 1 source, ${many.toFixed(0)} ms with 1,000: ${(many / one).toFixed(2)} times`);
  if (many > most * one) process.exitCode = 1;
}

console.log(describeMachine());
const worlds = await Promise.all(counts.map(prepare));
const configs = worlds.map(({ config }) => config);
compare("stopped", configs);
const runners = await Promise.all(worlds.map(({ toml }) => startRunner({ toml, silent: true })));
compare("running", configs);
for (const runner of runners) await runner.stop();
for (const { folder } of worlds) await rm(folder, { recursive: true });
