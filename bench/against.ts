/**
 * This checkout's built program against another one's, for instance that of a former commit, in turn:
 * node --conditions=@statewave-connectors/source bench/against.ts <folder of the other checkout> [pairs] [measure…]
 *
 * Measures: `start` (time until ready), `idle` (resident memory after 6 s without work), `accepts` (durable Slack webhooks a second, behind the first 15,000),
 * `cold` (processor time of a program with its first 5,000 webhooks, start and delivery included), `sync` (a first GitHub sync of 3,000 issues and 6,000
 * comments, command included), `sync-cpu` (its processor time in the runner). Prints the median of the ratios pair by pair, so that
 * what else the machine does meets both. Above 1 means more of the measure: better for `accepts`, worse for the others.
 */
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type LoadOptions, runLoad } from "./lib/load.ts";
import { describeMachine } from "./lib/machine.ts";
import { median } from "./lib/pairs.ts";
import { type RunnerProcess, startGithub, startRunner, startStatewave } from "./lib/runner-process.ts";
import { signingSecret } from "./lib/slack-webhook.ts";
import { untilInboxIsEmpty } from "./lib/until-inbox-is-empty.ts";

const other = process.argv[2];
if (other === undefined) throw new Error("name the folder of the other checkout, built");
const pairs = Number(process.argv[3] ?? 15);
const idleSeconds = 6;
const loadSeconds = 3;
const warmUpRequests = 15_000;
const mostWarmUpSeconds = 30;
const coldWebhooks = 5_000;

const receiver = `[[push.slack]]\nname = "team"\nsigning_secret = "${signingSecret}"\n`;
const fileState = '[runner.state]\nkind = "file"\n';

async function withRunner<Result>(
  checkout: string | undefined,
  toml: string,
  measure: (runner: RunnerProcess) => Promise<Result>,
): Promise<Result> {
  const runner = await startRunner({ toml, silent: true, ...(checkout === undefined ? {} : { checkout }) });
  try {
    return await measure(runner);
  } finally {
    await runner.stop();
  }
}

/** A program compiles its busy parts while it works; how long that takes says nothing of its pace behind it. */
async function warmUp(load: Omit<LoadOptions, "seconds" | "idPrefix">, idPrefix: string): Promise<void> {
  for (let requests = 0, round = 0; requests < warmUpRequests && round < mostWarmUpSeconds; round += 1)
    requests += (await runLoad({ ...load, seconds: 1, idPrefix: `${idPrefix}-${round}-` })).requests;
}

async function firstSync(
  checkout: string | undefined,
  measure: (runner: RunnerProcess, command: () => Promise<unknown>) => Promise<number>,
): Promise<number> {
  const [github, statewave] = await Promise.all([startGithub(3_000, 6_000), startStatewave(0)]);
  const source = `[[pull.github]]\nname = "widgets"\nschedule = "0 0 1 1 *"\nrepo = "acme/widgets"\ntoken = "fake-token"\nbase_url = "${github.url}"\n`;
  const result = await withRunner(checkout, `${fileState}[statewave]\nurl = "${statewave.url}"\n${source}`, (runner) =>
    measure(runner, () => runner.command("sync", "github/widgets", "--json")),
  );
  await Promise.all([github.stop(), statewave.stop()]);
  return result;
}

const idleToml = `${fileState}[statewave]\nurl = "http://127.0.0.1:9"\n${receiver}`;

const measures: Readonly<Record<string, (checkout: string | undefined, run: string) => Promise<number>>> = {
  start: (checkout) => withRunner(checkout, idleToml, async ({ readyMs }) => readyMs),

  idle: (checkout) =>
    withRunner(checkout, idleToml, async (runner) => {
      await sleep(idleSeconds * 1_000);
      return runner.rssMebibytes();
    }),

  async accepts(checkout, run) {
    const statewave = await startStatewave(0);
    const toml = `${fileState}[statewave]\nurl = "${statewave.url}"\n${receiver}`;
    const rate = await withRunner(checkout, toml, async ({ port }) => {
      const load = { port, path: "/slack/team/events", connections: 64 };
      await warmUp(load, `warm-${run}`);
      return (await runLoad({ ...load, seconds: loadSeconds, idPrefix: run })).perSecond;
    });
    await statewave.stop();
    return rate;
  },

  async cold(checkout, run) {
    const statewave = await startStatewave(0);
    const toml = `${fileState}[statewave]\nurl = "${statewave.url}"\n${receiver}`;
    const ms = await withRunner(checkout, toml, async (runner) => {
      const load = { port: runner.port, path: "/slack/team/events", connections: 64, seconds: 60, deliveries: coldWebhooks };
      const { statuses } = await runLoad({ ...load, idPrefix: run });
      if (statuses["200"] !== coldWebhooks) throw new Error(`the answers were ${JSON.stringify(statuses)}`);
      await untilInboxIsEmpty(runner);
      // The start counts, too: what is loaded before it is ready in one checkout, the other may load with the first webhook.
      return runner.cpuMs();
    });
    await statewave.stop();
    return ms;
  },

  sync: (checkout) =>
    firstSync(checkout, async (_, command) => {
      const startedMs = performance.now();
      await command();
      return (performance.now() - startedMs) / 1_000;
    }),

  "sync-cpu": (checkout) =>
    firstSync(checkout, async (runner, command) => {
      const beforeMs = await runner.cpuMs();
      await command();
      return (await runner.cpuMs()) - beforeMs;
    }),
};

const chosen = process.argv.length > 4 ? process.argv.slice(4) : Object.keys(measures);
console.log(`${describeMachine()}; ${pairs} pairs against ${resolve(other)}`);
for (const name of chosen) {
  const measure = measures[name];
  if (measure === undefined) throw new Error(`no measure "${name}": there are ${Object.keys(measures).join(", ")}`);
  const here: number[] = [];
  const there: number[] = [];
  const ratios: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    // The first of a pair meets a colder machine, so the order changes from pair to pair.
    const order = pair % 2 === 0 ? [undefined, other] : [other, undefined];
    const values = new Map<string | undefined, number>();
    for (const checkout of order)
      values.set(checkout, await measure(checkout, `${name}-${pair}-${checkout === undefined ? "a" : "b"}`));
    const mine = values.get(undefined) ?? Number.NaN;
    const theirs = values.get(other) ?? Number.NaN;
    here.push(mine);
    there.push(theirs);
    ratios.push(mine / theirs);
  }
  console.log(
    `${name.padEnd(8)} ratio ${median(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}), here ${median(here).toFixed(1)}, there ${median(there).toFixed(1)}`,
  );
}
