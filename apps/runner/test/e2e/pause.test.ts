import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { balanced } from "./ledger.ts";
import { sumOf } from "./metric-sum.ts";
import { until } from "./until.ts";
import { configName, configText } from "./workspace.ts";
import { makeWorld } from "./world.ts";

const pull = "pull:markdown/docs";
const push = "push:slack/team";

describe.concurrent("a paused entry", () => {
  it("runs and accepts nothing, also after kill -9 and a restart, until it is resumed; nothing is lost", async (test) => {
    const world = await makeWorld(test);
    const { workspace, slack } = world;
    const first = await workspace.run();
    const paused = await workspace.command("pause", pull, push, "--reason", "a new token", "--as", "Ana");
    expect(paused).toMatchObject({ code: 0, stdout: `${pull}: paused\n${push}: paused\n` });
    await until("the pull is paused", () => first.log.filter(({ msg }) => msg === "an entry is paused").length === 2);
    await world.writeDocuments(5);
    const [marker = ""] = slack.declare(1);
    expect(await slack.send(await first.listening(), marker)).toBe(503);
    expect(slack.lastRefusal?.headers.get("retry-after")).toBe("30");

    const { body } = await first.readiness();
    expect(body["sources"]).toMatchObject({
      status: "ok",
      detail: "none is known to be unhealthy; 2 paused",
      paused: [
        { entry: "pull markdown/docs", reason: "a new token", by: expect.stringMatching(/^Ana \(.+@.+\)$/) },
        { entry: "push slack/team", since: expect.stringMatching(/^20/) },
      ],
    });
    expect(sumOf(await first.metrics(), "statewave_runner_paused")).toBe(2);
    await first.kill();

    const second = await workspace.run();
    await until("dues of the paused source pass", async () => {
      return sumOf(await second.metrics(), "statewave_runner_pull_dues_total", 'outcome="paused"') >= 3;
    });
    expect(await slack.send(await second.listening(), marker)).toBe(503);
    expect(world.statewave.stats().stored).toBe(0);

    expect(await workspace.command("resume", pull, push)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("a new token"),
    });
    await until("the receiver accepts", async () => (await slack.send(await second.listening(), marker)) === 200);
    await world.drained(second);
    expect(world.account()).toEqual(balanced);
  });

  it("can be paused and resumed while no runner runs, and the next one heeds it", async (test) => {
    const world = await makeWorld(test);
    const { workspace } = world;
    await world.writeDocuments(2);
    expect((await workspace.command("pause", "markdown/docs")).stdout).toBe(`${pull}: paused\n`);
    const runner = await workspace.run();
    await until(
      "a due passes",
      async () => sumOf(await runner.metrics(), "statewave_runner_pull_dues_total", 'outcome="paused"') > 0,
    );
    expect(world.statewave.stats().stored).toBe(0);
    await runner.terminate();
    expect((await workspace.command("resume", "--all")).stdout).toContain(`${pull}: resumed`);
    expect((await workspace.command("resume", "--all")).stdout).toBe("no entry is paused\n");
    await world.drained(await workspace.run());
  });

  it("is run by sync, which says so", async (test) => {
    const world = await makeWorld(test);
    await world.writeDocuments(2);
    await world.workspace.command("pause", pull, "--reason", "a new token");
    const { stdout, stderr, code } = await world.workspace.command("sync", "markdown/docs");
    expect([code, stdout]).toEqual([0, "markdown/docs: 2 of 2 episodes delivered, 0 buried\n"]);
    expect(stderr).toMatch(/^warning: pull:markdown\/docs is paused by .+: a new token; this run begins all the same\n$/);
  });
});

describe.concurrent.each([
  { how: "through the running process", running: true },
  { how: "without a running process", running: false },
])("pause and resume $how", ({ running }) => {
  const idle = (statewaveUrl: string) => configText({ statewaveUrl }).replace('schedule = "every 1s"', 'schedule = "0 0 1 1 *"');

  it("keep what two people do at once, and who did it", async (test) => {
    const { workspace, statewave } = await makeWorld(test);
    await workspace.write(configName, idle(statewave.url));
    if (running) await workspace.run();
    // Without a runner each opens the file by itself, and one waits in vain while the other holds it.
    const names = ["Ana", "Ben", "Cem"];
    const pauseAs = (name: string) => workspace.jsonLines("pause", pull, "--as", name, "--reason", `${name}'s`, "--json");
    if (running) await Promise.all(names.map(pauseAs));
    else for (const name of names) await pauseAs(name);
    const [known] = await workspace.jsonLines("pause", pull, "--as", "Ana", "--reason", "Ana's", "--json");
    expect(known).toMatchObject({ entry: pull, result: "already_paused" });
    const requests = known?.["requests"] as readonly { readonly as: string; readonly reason: string }[];
    expect(new Set(requests.map(({ as, reason }) => `${as} ${reason}`))).toEqual(
      new Set(names.map((name) => `${name} ${name}'s`)),
    );

    expect(await workspace.jsonLines("resume", pull, "--json")).toMatchObject([{ entry: pull, result: "resumed" }]);
    expect(await workspace.jsonLines("resume", pull, "--json")).toMatchObject([
      { entry: pull, result: "not_paused", requests: [] },
    ]);
    const actions = await workspace.jsonLines("audit", "--json");
    expect(actions.map(({ command, as }) => [command, as].join(" ").trim()).toSorted()).toEqual([
      "pause Ana",
      "pause Ana",
      "pause Ben",
      "pause Cem",
      "resume",
      "resume",
    ]);
    expect(actions[0]).toMatchObject({
      command: "resume",
      targets: [pull],
      target_count: 1,
      outcome: "done",
      before: [{ entry: pull, requests: [] }],
    });
    const { stdout } = await workspace.command("audit", "--limit", "2");
    expect(stdout).toMatch(/^WHEN +WHO +COMMAND +OUTCOME +ON +REASON +BEFORE +AFTER\n.*resume.*\n.*resume.*\n$/);
  });

  it("refuse names that fit no entry or two", async (test) => {
    const { workspace, statewave } = await makeWorld(test);
    const twice =
      '\n[[pull.markdown]]\nname = "team"\nschedule = "0 0 1 1 *"\npath = "./docs"\n[[push.slack]]\nname = "docs"\nsigning_secret = "s"\n';
    const slackPull = '\n[[pull.slack]]\nname = "team"\nschedule = "0 0 1 1 *"\nbot_token = "xoxb-1-1-x"\nchannels = ["C1"]\n';
    await workspace.write(configName, idle(statewave.url) + twice + slackPull);
    if (running) await workspace.run();
    const failures = [
      ["markdown/dosc", 1, "RUNNER_ENTRY_UNKNOWN"],
      ["push:markdown/docs", 1, "RUNNER_ENTRY_UNKNOWN"],
      ["slack/team", 2, "RUNNER_ENTRY_AMBIGUOUS"],
      ["docs", 2, "RUNNER_ENTRY_NAME_INVALID"],
    ] as const;
    for (const [name, code, error] of failures) {
      const refused = await workspace.command("pause", pull, name);
      expect(refused).toMatchObject({ code, stdout: "" });
      expect(refused.stderr).toMatch(new RegExp(`^error: [^\\n]+ \\[${error}\\]\\nhint: [^\\n]+\\n$`));
    }
    expect((await workspace.command("pause")).code).toBe(2);
    expect((await workspace.command("pause", pull, "--all")).code).toBe(2);
    expect(await workspace.jsonLines("audit", "--json")).toEqual([]);
  });

  it("can be killed at any moment, and another call completes them", async (test) => {
    const { workspace, statewave } = await makeWorld(test);
    const many = Array.from(
      { length: 400 },
      (_, index) => `\n[[pull.markdown]]\nname = "d${index}"\nschedule = "0 0 1 1 *"\npath = "./docs"\n`,
    );
    await workspace.write(configName, idle(statewave.url) + many.join(""));
    if (running) await workspace.run();
    const killed = workspace.launch(["pause", "--all", "--json"]);
    await until("some entries are paused or it ended", async () => killed.hasExited || isBegun(workspace.folder));
    await killed.kill();
    const lines = await workspace.jsonLines("pause", "--all", "--json");
    expect(lines).toHaveLength(402);
    const actions = await workspace.jsonLines("audit", "--json");
    expect(actions[0]).toMatchObject({ command: "pause", outcome: "done", target_count: 402 });
    expect(actions.at(-1)).toMatchObject({ command: "pause", target_count: 402 });
    expect((await workspace.jsonLines("resume", "--all", "--json")).every(({ result }) => result === "resumed")).toBe(true);
  });
});

/** Whether the file of the records shows a pause under way. */
async function isBegun(folder: string): Promise<boolean> {
  const text = await readFile(`${folder}/state/cursors.json.records`, "utf8").catch(() => "");
  return text.split('"scope":"paused"').length > 20;
}
