import { describe, expect, it } from "vitest";
import { until } from "./until.ts";
import { configName, configText, type Workspace } from "./workspace.ts";
import { makeWorld } from "./world.ts";

interface Status {
  readonly condition: string;
  readonly entries: readonly (Record<string, unknown> & { readonly entry: string; readonly condition: string })[];
  readonly processes: readonly Record<string, unknown>[];
  readonly inbox: Record<string, unknown>;
}

async function statusOf(workspace: Workspace): Promise<{ readonly code: number | null; readonly status: Status }> {
  const { code, stdout, stderr } = await workspace.command("status", "--json");
  if (stdout === "") throw new Error(stderr);
  return { code, status: JSON.parse(stdout) as Status };
}

describe.concurrent("the status", () => {
  it("shows entries, inbox, processes and sink, with an exit code by the worst", async (test) => {
    const world = await makeWorld(test);
    const { workspace } = world;
    expect(await statusOf(workspace)).toMatchObject({ code: 10, status: { condition: "attention", processes: [] } });
    await world.writeDocuments(2);
    const runner = await workspace.run();
    await world.drained(runner);
    const [marker = ""] = world.slack.declare(1);
    await world.slack.send(await runner.listening(), marker);
    const { status } = await until("all is well", async () => {
      const found = await statusOf(workspace);
      const [process] = found.status.processes as readonly { readonly sink: { readonly status: string } }[];
      return found.code === 0 && process?.sink.status === "up" && found;
    });
    expect(status).toMatchObject({
      condition: "well",
      inbox: { depth: 0, dead_letters: 0 },
      processes: [{ pid: runner.pid, sink: { status: "up" } }],
    });
    expect(status.entries.map(({ entry }) => entry).toSorted()).toEqual(["pull:markdown/docs", "push:slack/team"]);
    expect(status.entries.find(({ entry }) => entry === "pull:markdown/docs")).toMatchObject({
      condition: expect.stringMatching(/^(idle|running)$/),
      last_success_at: expect.stringMatching(/^20/),
      failures: 0,
    });

    await workspace.command("pause", "push:slack/team", "--reason", "a new secret");
    const paused = await workspace.command("status");
    expect(paused.code).toBe(10);
    expect(paused.stdout).toMatch(/^paused +push:slack\/team .* a new secret$/m);
    expect(paused.stdout).toMatch(/^needs attention: 2 entries \(1 paused, 1 (idle|running)\)$/m);

    await runner.kill();
    const { status: stopped } = await statusOf(workspace);
    expect(stopped.entries.map(({ condition }) => condition)).toContain("paused");
  });

  it("shows a source that fails, with why and how often, as its worst", async (test) => {
    const world = await makeWorld(test);
    const { workspace, statewave } = world;
    const broken = '\n[[pull.markdown]]\nname = "gone"\nschedule = "every 1s"\npath = "./nowhere"\n';
    await workspace.write(configName, configText({ statewaveUrl: statewave.url, entries: broken }));
    await workspace.run();
    const { code, status } = await until("the failure shows", async () => {
      const found = await statusOf(workspace);
      return found.status.entries[0]?.condition === "failing" && found;
    });
    expect(code).toBe(11);
    expect(status.entries[0]).toMatchObject({ entry: "pull:markdown/gone", error: { code: expect.stringMatching(/^[A-Z_]+$/) } });
  });

  it("prints what changes while it watches, and ends with Ctrl-C", async (test) => {
    const { workspace, statewave } = await makeWorld(test);
    const rare = configText({ statewaveUrl: statewave.url }).replace('schedule = "every 1s"', 'schedule = "0 0 1 1 *"');
    await workspace.write(configName, rare);
    await workspace.run();
    const watching = workspace.launch(["status", "--watch"]);
    await until("the first look", () => watching.stdout.includes("new pull:markdown/docs\n"));
    await workspace.command("pause", "pull:markdown/docs", "--reason", "a test");
    await until("the pause shows", () => /^paused pull:markdown\/docs, by .*: a test$/m.test(watching.stdout));
    expect(watching.stdout.match(/push:slack\/team/g)).toHaveLength(1);
    watching.signal("SIGINT");
    expect(await watching.exited).toMatchObject({ signal: null });
  });
});
