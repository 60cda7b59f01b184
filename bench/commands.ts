/**
 * How long the built program takes for commands that hardly do anything, beside a Node.js that does nothing; fails when `--help` takes more
 * than 2.2 times as long:
 * node bench/commands.ts [runs]
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describeMachine } from "./lib/machine.ts";
import { median } from "./lib/pairs.ts";

const runs = Number(process.argv[2] ?? 21);
const mostOfHelp = 2.2;
const main = fileURLToPath(new URL("../apps/runner/dist/main.js", import.meta.url));
const commands = {
  "node -e 0": ["-e", "0"],
  "--help": [main, "--help"],
  "state reset --help": [main, "state", "reset", "--help"],
  "--version": [main, "--version"],
  "completion bash": [main, "completion", "bash"],
  healthcheck: [main, "healthcheck", "--port", "9"],
} as const;

console.log(describeMachine());
const tookMs = new Map<string, number[]>();
// In turn, so that other work on the machine slows all of them.
for (let run = 0; run < runs; run += 1) {
  for (const [name, args] of Object.entries(commands)) {
    const startedMs = performance.now();
    spawnSync(process.execPath, args);
    tookMs.set(name, [...(tookMs.get(name) ?? []), performance.now() - startedMs]);
  }
}
const bareMs = median(tookMs.get("node -e 0") ?? []);
for (const [name, times] of tookMs) {
  console.log(`${name}: ${median(times).toFixed(0)} ms, ${(median(times) / bareMs).toFixed(2)} times a bare start`);
  if (name.endsWith("--help") && median(times) > mostOfHelp * bareMs) process.exitCode = 1;
}
