import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { connectAgent, makeHostileWorkspace } from "./agent-world.ts";

interface Backfill {
  readonly status: string;
  readonly delivered: number;
}

describe.concurrent("an agent", () => {
  it("pauses, resumes and starts backfills with --allow-actions, under its name in the audit log", async (test) => {
    const workspace = await makeHostileWorkspace(test, "page_ms = 200");
    const runner = await workspace.run();
    const agent = await connectAgent(test, workspace, { args: ["--allow-actions"] });
    expect(await agent.toolNames()).toEqual(expect.arrayContaining(["status", "pause", "resume", "backfill"]));
    const paused = await agent.call("pause", { entries: ["hostile/main"], reason: "it fails" });
    expect(paused.data).toMatchObject({ changes: [{ entry: "pull:hostile/main", result: "paused" }] });
    await runner.logged("an entry is paused");
    expect((await agent.call("resume", { entries: ["pull:hostile/main"] })).data).toMatchObject({
      changes: [{ result: "resumed" }],
    });

    const range = { source: "hostile/main", since: "2025-01-01", until: "2025-01-02" };
    let waitSeconds = 0;
    const begun = await until("the runner has begun the backfill", async () => {
      // Longer each time: on a busy machine the command takes seconds to begin.
      waitSeconds = Math.min(25, waitSeconds + 1);
      const { data } = await agent.call("backfill", { ...range, wait_seconds: waitSeconds });
      return String(data["remark"]).includes("a running process continues with it") && (data["backfill"] as Backfill);
    });
    expect(begun).toMatchObject({ source: "hostile/main", status: "open" });
    await until("the runner continues with it", async () => {
      const [found] = (await agent.call("backfills")).data["backfills"] as readonly Backfill[];
      return (found?.delivered ?? 0) > begun.delivered;
    });
    const audit = (await workspace.command("audit")).stdout;
    for (const command of ["pause", "resume", "backfill"]) expect(audit).toMatch(new RegExp(`agent test agent.*${command}`));
  });

  it("counts a range, and where no runner runs continues a backfill from its checkpoint", async (test) => {
    const workspace = await makeHostileWorkspace(test, "page_ms = 15");
    const agent = await connectAgent(test, workspace, { args: ["--allow-actions"] });
    const range = { source: "hostile/main", since: "2025-01-01", until: "2025-01-02" };
    const counted = await agent.call("backfill", { ...range, dry_run: true });
    expect(counted.data).toMatchObject({ count: { episodes: 100 } });
    const remarks: unknown[] = [];
    const end = await until("the backfill is done", async () => {
      // Longer each time: on a busy machine the command takes seconds to begin.
      const { data } = await agent.call("backfill", { ...range, wait_seconds: Math.min(25, remarks.length + 1) });
      remarks.push(data["remark"]);
      return data["remark"] === undefined && data["backfill"];
    });
    expect(end).toMatchObject({ status: "done", delivered: 100 });
    expect(remarks).toContain("it is not over, and stands at its last checkpoint: the same call continues it");
  });
});
