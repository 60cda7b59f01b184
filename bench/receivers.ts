/**
 * Durable webhooks of the support desks through the built program, against Slack's in the same run:
 * node --conditions=@statewave-connectors/source bench/receivers.ts [rounds] [seconds] [kinds…]
 *
 * One program with file state and all of the receivers, a fake Statewave in a process of its own. Each round loads every receiver in turn over
 * 64 connections, Slack's with the messages of `bench/webhooks.ts` and the others with the sample that their connector declares, all of some
 * hundred bytes, and waits until the last episode is delivered. Prints the median over the rounds of each receiver's accepts over Slack's, and
 * of the program's processor time for a webhook, delivery included; fails below 0.9 of the accepts.
 */
import { runLoad } from "./lib/load.ts";
import { describeMachine } from "./lib/machine.ts";
import { median } from "./lib/pairs.ts";
import { startRunner, startStatewave } from "./lib/runner-process.ts";
import type { SampleSender } from "./lib/sample-requests.ts";
import { signingSecret } from "./lib/slack-webhook.ts";
import { untilInboxIsEmpty } from "./lib/until-inbox-is-empty.ts";

const rounds = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 4);
const chosen = process.argv.slice(4);
const connections = 64;
const leastRatio = 0.9;

const secret = signingSecret;
const slack: SampleSender = { kind: "slack", options: { signing_secret: secret } };
const desks: readonly SampleSender[] = [
  { kind: "zendesk", options: { subdomain: "acme", signing_secret: secret } },
  // Without a twin, so that each webhook is stored.
  { kind: "freshdesk", options: { domain: "acme", secret } },
  { kind: "intercom", options: { app_id: "abc12de3", client_secret: secret } },
].filter(({ kind }) => chosen.length === 0 || chosen.includes(kind));

interface Round {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

function entryOf({ kind, options }: SampleSender): string {
  const lines = Object.entries(options).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return `\n[[push.${kind}]]\nname = "team"\n${lines.join("\n")}\n`;
}

console.log(describeMachine());
const statewave = await startStatewave(0);
const senders = [slack, ...desks];
const runner = await startRunner({
  quiet: true,
  toml: `[runner.state]\nkind = "file"\n\n[statewave]\nurl = "${statewave.url}"\n${senders.map(entryOf).join("")}`,
});

async function load(sender: SampleSender, round: number): Promise<Round> {
  const { kind } = sender;
  const to = { port: runner.port, path: `/${kind}/team/events`, connections, ...(sender !== slack && { sender }) };
  await runLoad({ ...to, seconds: 1, idPrefix: `warm${round}-` });
  await untilInboxIsEmpty(runner);
  const cpuBeforeMs = await runner.cpuMs();
  const { requests, perSecond, p99Ms, statuses } = await runLoad({ ...to, seconds, idPrefix: `run${round}-` });
  await untilInboxIsEmpty(runner);
  const cpuMicros = (((await runner.cpuMs()) - cpuBeforeMs) * 1_000) / requests;
  console.log(
    `round ${round + 1}  ${kind.padEnd(10)} ${perSecond.toFixed(0).padStart(6)}/s accepted  p99 ${p99Ms.toFixed(1)} ms  cpu ${cpuMicros.toFixed(0)} µs each, delivered  ${JSON.stringify(statuses)}`,
  );
  return { perSecond, cpuMicros };
}

const results = new Map<SampleSender, Round[]>(senders.map((sender) => [sender, []]));
for (let round = 0; round < rounds; round += 1) {
  // Each round begins with another receiver, so that none always meets what the one before it left behind.
  const first = round % senders.length;
  for (const sender of [...senders.slice(first), ...senders.slice(0, first)]) {
    results.get(sender)?.push(await load(sender, round));
  }
}
await runner.stop();
await statewave.stop();

/** A receiver's figure over Slack's, round by round. */
function ofSlack(desk: SampleSender, figure: keyof Round): readonly number[] {
  const base = results.get(slack) ?? [];
  return (results.get(desk) ?? []).map((round, at) => round[figure] / (base[at]?.[figure] ?? Number.NaN));
}

for (const desk of desks) {
  const ratios = ofSlack(desk, "perSecond");
  const ratio = median(ratios);
  const each = ratios.map((one) => one.toFixed(2)).join(", ");
  const cpu = median(ofSlack(desk, "cpuMicros")).toFixed(2);
  console.log(`${desk.kind.padEnd(10)} median ${ratio.toFixed(2)} of Slack's accepts (${each}), ${cpu} of its processor time`);
  if (!(ratio >= leastRatio)) process.exitCode = 1;
}
