/**
 * How long the built program takes until it is ready, and what it uses while nothing happens, with 1 and with 1,000 pull sources and a receiver:
 * node --conditions=@statewave-connectors/source bench/start.ts [runs]
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describeMachine } from "./lib/machine.ts";
import { median } from "./lib/pairs.ts";
import { startRunner } from "./lib/runner-process.ts";

const runs = Number(process.argv[2] ?? 5);
const idleSeconds = 10;
/** By then the checks behind the start, which find no server here, have come to their slow pace. */
const settleSeconds = 6;

const entry = (index: number) =>
  `[[pull.github]]\nname = "repo-${index}"\nschedule = "every 30d"\nrepo = "acme/repo-${index}"\nbase_url = "http://127.0.0.1:9"\n`;

function configOf(sources: number): string {
  const head = `[runner.state]\nkind = "file"\n\n[statewave]\nurl = "http://127.0.0.1:9"\n\n[[push.slack]]\nname = "team"\nsigning_secret = "bench"\n`;
  return head + Array.from({ length: sources }, (_, index) => entry(index)).join("");
}

console.log(describeMachine());
for (const sources of [1, 1_000]) {
  const readyMs: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const runner = await startRunner({ toml: configOf(sources) });
    readyMs.push(runner.readyMs);
    await runner.stop();
  }
  const runner = await startRunner({ toml: configOf(sources) });
  await sleep(settleSeconds * 1_000);
  const cpuBeforeMs = await runner.cpuMs();
  await sleep(idleSeconds * 1_000);
  const cpuPercent = ((await runner.cpuMs()) - cpuBeforeMs) / (idleSeconds * 10);
  const figures = `ready in ${median(readyMs).toFixed(0)} ms (${Math.min(...readyMs).toFixed(0)}–${Math.max(...readyMs).toFixed(0)})`;
  console.log(
    `${sources} sources: ${figures}, idle ${(await runner.rssMebibytes()).toFixed(0)} MiB, ${cpuPercent.toFixed(1)} % CPU`,
  );
  await runner.stop();
}
