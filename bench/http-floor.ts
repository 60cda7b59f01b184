/**
 * What the runner's HTTP layer costs: node --conditions=@statewave-connectors/source bench/http-floor.ts [pairs] [seconds]
 *
 * Signed Slack webhooks over 64 connections against the floor (node:http that only checks the signature), the runner's HTTP layer with
 * metrics and an inbox that keeps nothing, and a web framework doing the floor's work; in turn, and the medians of their ratios.
 */
import { describeMachine } from "./lib/machine.ts";
import { type Contender, median, medianRatio, runPairs } from "./lib/pairs.ts";
import { signingSecret } from "./lib/slack-webhook.ts";

const pairs = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 4);
const contenders: readonly Contender[] = [
  { name: "floor", script: new URL("processes/floor-server.ts", import.meta.url) },
  { name: "runner-http", script: new URL("../packages/runner/bench/http-server.ts", import.meta.url), args: [signingSecret] },
  { name: "framework", script: new URL("processes/framework-server.ts", import.meta.url) },
];

console.log(describeMachine());
const results = await runPairs({ contenders, path: "/slack/team/events", pairs, seconds, connections: 64 });
const floor = results.get("floor") ?? [];
for (const [name, runs] of results) {
  const ratio = medianRatio(runs, floor).toFixed(2);
  const [perSecond, p99Ms] = [median(runs.map((run) => run.perSecond)), median(runs.map((run) => run.p99Ms))];
  const cpuRatio = (median(floor.map((run) => run.cpuMicros)) / median(runs.map((run) => run.cpuMicros))).toFixed(2);
  const figures = `median ${Math.round(perSecond)}/s, p99 ${p99Ms.toFixed(1)} ms`;
  console.log(`${name.padEnd(14)} ${ratio} of the floor (${cpuRatio} by processor time), ${figures}`);
}
