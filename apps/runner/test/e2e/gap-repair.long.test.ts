import { type FakeStatewave, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, it } from "vitest";
import { githubSecret, startFakeGithub } from "./fake-github-process.ts";
import { startFakeSlack } from "./fake-slack-process.ts";
import { sumOf } from "./metric-sum.ts";
import type { RunnerProcess } from "./runner-process.ts";
import { until } from "./until.ts";
import { configName, configText, type Ending, makeWorkspace, slackSecret } from "./workspace.ts";

const repairDone = "read the twin for what push may have missed";

/** A workspace with more entries, and a Statewave whose `created_at` can be led back. */
async function makeRepairWorld(ending: Ending, entries: string) {
  const past = { ms: 0 };
  const statewave = await startFakeStatewave({ now: () => Date.now() - past.ms });
  ending.onTestFinished(() => statewave.close());
  const workspace = makeWorkspace(ending);
  await workspace.write(configName, configText({ statewaveUrl: statewave.url, entries }));
  await workspace.write("docs/empty.txt", "");
  return { workspace, statewave, past };
}

/** How many episodes of each kind Statewave holds. */
function storedKinds({ episodes }: FakeStatewave): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(episodes, ({ type }) => type)].map(([type, all]) => [type, all.length]));
}

async function healed(runner: RunnerProcess, kind: string): Promise<number> {
  return sumOf(await runner.metrics(), "statewave_runner_healed_total", `kind="${kind}"`);
}

async function holds(statewave: FakeStatewave, count: number): Promise<void> {
  await until(`Statewave holds ${count} episodes`, () => statewave.stats().stored >= count);
}

describe.concurrent("a receiver that names its pull twin", () => {
  it("reads the twin once after a start, however rare its schedule, and counts exactly what push missed meanwhile", async (test) => {
    const github = await startFakeGithub(test, "--issues", "12", "--comments", "5", "--review-comments", "2", "--releases", "1");
    const receiver = `[[push.github]]\nname = "hook"\nsecret = "${githubSecret}"\ninclude_bots = true\npull = "widgets"\n`;
    const entries = github.entry.replace("every 1s", "every 6h") + receiver;
    const { workspace, statewave, past } = await makeRepairWorld(test, entries);

    // What Statewave gets now, it got a minute ago: its clock is set in whole seconds, and a restart can take less than one.
    past.ms = 60_000;
    const first = await workspace.run();
    const send = async (runner: RunnerProcess, webhook: RequestInit) =>
      (await fetch(`${await runner.listening()}/github/hook/events`, webhook)).status;
    expect((await workspace.command("sync", "github/widgets")).code).toBe(0);
    const before = statewave.stats().stored;
    const seen = Number(await github.act("addIssue"));
    expect(await send(first, await github.openedWebhook(seen))).toBe(200);
    await holds(statewave, before + 1);
    await first.kill();
    past.ms = 0;

    const missed = Number(await github.act("addIssue"));
    await github.act("addComment", missed);
    await github.act("closeIssue", missed);

    // Its schedule would read the twin within six hours.
    const second = await workspace.run();
    await second.logged(repairDone);
    expect(await healed(second, "github")).toBe(3);
    expect(storedKinds(statewave)).toEqual(await github.expected());

    // GitHub sends again what it could not deliver: Statewave has it by now.
    expect(await send(second, await github.openedWebhook(missed))).toBe(200);
    await until("the inbox is empty", async () => sumOf(await second.metrics(), "statewave_runner_inbox_depth") === 0);
    expect(storedKinds(statewave)).toEqual(await github.expected());
    const metrics = await second.metrics();
    expect(sumOf(metrics, "statewave_runner_healed_total")).toBe(3);
    expect(sumOf(metrics, "statewave_runner_pull_ticks_total", 'kind="github"')).toBe(1);
  });

  it("counts nothing of a first sync that takes three runs, and then exactly what push missed", async (test) => {
    const github = await startFakeGithub(test, "--issues", "12", "--comments", "5", "--review-comments", "2", "--releases", "1");
    const receiver = `[[push.github]]\nname = "hook"\nsecret = "${githubSecret}"\ninclude_bots = true\npull = "widgets"\n`;
    const entries = `${github.entry.replace("every 1s", "every 6h")}max_items = 1\n${receiver}`;
    const { workspace, statewave, past } = await makeRepairWorld(test, entries);
    const runner = await workspace.run();
    /** Each run ends behind its first page with an episode; answers how many it took. */
    const readToTheEnd = async (afterFirst = async () => {}) => {
      for (let runs = 1; ; runs += 1) {
        const { code, stdout } = await workspace.command("sync", "github/widgets");
        expect(code).toBe(0);
        if (!stdout.includes("there is more")) return runs;
        if (runs === 1) await afterFirst();
      }
    };

    const runs = await readToTheEnd(async () => {
      // A webhook arrives in the middle of it, a minute before the next run by the clock of Statewave.
      past.ms = 60_000;
      const before = statewave.stats().stored;
      const webhook = await github.openedWebhook(Number(await github.act("addIssue")));
      expect((await fetch(`${await runner.listening()}/github/hook/events`, webhook)).status).toBe(200);
      await holds(statewave, before + 1);
      past.ms = 0;
    });
    expect(runs).toBeGreaterThanOrEqual(3);
    expect(storedKinds(statewave)).toEqual(await github.expected());
    expect(await healed(runner, "github")).toBe(0);

    await github.act("addIssue");
    await readToTheEnd();
    expect(storedKinds(statewave)).toEqual(await github.expected());
    expect(await healed(runner, "github")).toBe(1);
  });

  it("reads the twin once after a 503 it gave because its inbox was full, and counts exactly what it turned away", async (test) => {
    const slack = await startFakeSlack(test);
    const entries = `
[[push.slack]]
name = "acme"
signing_secret = "${slackSecret}"
pull = "acme"

[[pull.slack]]
name = "acme"
schedule = "every 6h"
bot_token = "${slack.token}"
base_url = "${slack.url}"

[runner.inbox]
max_depth = 2
`;
    const { workspace, statewave } = await makeRepairWorld(test, entries);
    const runner = await workspace.run();
    const address = `${await runner.listening()}/slack/acme/events`;
    expect((await workspace.command("sync", "slack/acme")).code).toBe(0);

    statewave.setFaults([{ type: "status", status: 503 }]);
    const statuses: number[] = [];
    for (const words of ["one", "two", "three"])
      statuses.push((await fetch(address, await slack.post(`message ${words} of this outage`))).status);
    expect(statuses).toEqual([200, 200, 503]);
    statewave.setFaults([]);
    await holds(statewave, 2);
    expect(await healed(runner, "slack")).toBe(0);

    await runner.logged(repairDone);
    expect(storedKinds(statewave)).toEqual({ "slack.message.posted": 3 });
    const metrics = await runner.metrics();
    expect(sumOf(metrics, "statewave_runner_healed_total", 'kind="slack",name="acme"')).toBe(1);
    // One by hand, one of the repair.
    expect(sumOf(metrics, "statewave_runner_pull_ticks_total", 'kind="slack"')).toBe(2);
  });
});
