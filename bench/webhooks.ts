/**
 * Durable Slack webhooks through the built program: node --conditions=@statewave-connectors/source bench/webhooks.ts [pairs] [seconds] [state kind] [url]
 *
 * The program with file state, a Slack receiver and a fake Statewave (a process of its own, answering at once and after 20 ms), against the
 * floor: node:http that only checks the same signature. In turn, over 64 connections; load, program, fake and floor share the machine.
 * `accepted` counts the answers of the load's seconds, `delivered` the same events over the time until the last one was settled.
 */
import { type LoadResult, runLoad, startServerProcess } from "./lib/load.ts";
import { describeMachine } from "./lib/machine.ts";
import { median } from "./lib/pairs.ts";
import { startRunner, startStatewave } from "./lib/runner-process.ts";
import { signingSecret } from "./lib/slack-webhook.ts";
import { untilInboxIsEmpty } from "./lib/until-inbox-is-empty.ts";

const pairs = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 5);
/** A server's state has a schema or prefix of its own in each run, so that none finds what another left. */
const [stateKind = "file", stateUrl] = process.argv.slice(4);
const path = "/slack/team/events";
const connections = 64;

interface PipelineResult extends LoadResult {
  readonly deliveredPerSecond: number;
}

async function loadFloor(pair: number): Promise<LoadResult> {
  const server = await startServerProcess(new URL("./processes/floor-server.ts", import.meta.url));
  await runLoad({ port: server.port, path, connections, seconds: 1, idPrefix: `warm${pair}` });
  const result = await runLoad({ port: server.port, path, connections, seconds, idPrefix: `run${pair}` });
  await server.stop();
  return result;
}

async function loadProgram(pair: number, latencyMs: number): Promise<PipelineResult> {
  const statewave = await startStatewave(latencyMs);
  const runner = await startRunner({
    toml: `${stateTable(`bench${Date.now()}`)}\n[statewave]\nurl = "${statewave.url}"\n\n[[push.slack]]\nname = "team"\nsigning_secret = "${signingSecret}"\n`,
  });
  const load = { port: runner.port, path, connections };
  await runLoad({ ...load, seconds: 1, idPrefix: `warm${pair}` });
  await untilInboxIsEmpty(runner);
  const startedMs = performance.now();
  const result = await runLoad({ ...load, seconds, idPrefix: `run${pair}` });
  await untilInboxIsEmpty(runner);
  const deliveredPerSecond = result.requests / ((performance.now() - startedMs) / 1000);
  await runner.stop();
  await statewave.stop();
  return { ...result, deliveredPerSecond };
}

function stateTable(unique: string): string {
  const url = stateUrl === undefined ? "" : `url = "${stateUrl}"\n`;
  const apart = { postgres: `schema = "${unique}"\n`, redis: `key_prefix = "{${unique}}:"\n` }[stateKind] ?? "";
  return `[runner.state]\nkind = "${stateKind}"\n${url}${apart}`;
}

function print(name: string, result: LoadResult, more = ""): void {
  const { perSecond, p50Ms, p99Ms, statuses } = result;
  console.log(
    `${name.padEnd(16)} ${perSecond.toFixed(0).padStart(6)}/s accepted  p50 ${p50Ms.toFixed(1)}  p99 ${p99Ms.toFixed(1)} ms${more}  ${JSON.stringify(statuses)}`,
  );
}

console.log(describeMachine());
const accepted: number[] = [];
const delivered: number[] = [];
const p99s: number[] = [];
for (let pair = 0; pair < pairs; pair += 1) {
  const floor = await loadFloor(pair);
  print("floor", floor);
  const runner = await loadProgram(pair, 0);
  print("runner", runner, `  ${runner.deliveredPerSecond.toFixed(0)}/s delivered`);
  accepted.push(runner.perSecond / floor.perSecond);
  delivered.push(runner.deliveredPerSecond / floor.perSecond);
  p99s.push(runner.p99Ms);
}
const slow = await loadProgram(pairs, 20);
print("runner, 20 ms", slow, `  ${slow.deliveredPerSecond.toFixed(0)}/s delivered`);
console.log(`accepted: median ${median(accepted).toFixed(2)} of the floor, p99 ${median(p99s).toFixed(1)} ms`);
console.log(`end to end: median ${median(delivered).toFixed(2)} of the floor`);
console.log(`Statewave at 20 ms: ${slow.perSecond.toFixed(0)}/s accepted, ${slow.deliveredPerSecond.toFixed(0)}/s delivered`);
