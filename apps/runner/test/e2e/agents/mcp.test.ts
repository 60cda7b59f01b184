import { describe, expect, it } from "vitest";
import { type Agent, connectAgent, makeHostileWorkspace, type ToolResult } from "./agent-world.ts";
import { address, order, token } from "./hostile-connector.ts";

const seeing = ["status", "runs", "dead_letters", "dead_letter", "doctor", "trace", "backfills"];
const acting = ["pause", "resume", "backfill"];
/** What JSON has for text that no person sees. */
const unseen = /[\u202e\u{e0000}-\u{e007f}]/u;

function lettersOf({ data }: ToolResult): readonly { readonly key: string; readonly reason: string }[] {
  return data["letters"] as readonly { readonly key: string; readonly reason: string }[];
}

/** Calls every tool that looks. */
async function callEach(agent: Agent, failing = 3): Promise<readonly ToolResult[]> {
  const letters = await agent.call("dead_letters", { source: "hostile/main", reason: "mapped", limit: 2 });
  expect(lettersOf(letters)).toHaveLength(2);
  const key = lettersOf(letters)[0]?.key ?? "";
  const letter = await agent.call("dead_letter", { key });
  const status = await agent.call("status", { entry: "hostile/main", limit: 1 });
  const runs = await agent.call("runs", { source: "hostile/main" });
  const trace = await agent.call("trace", { id: key });
  const backfills = await agent.call("backfills");
  const doctor = await agent.call("doctor", { all: true });
  expect(status.data).toMatchObject({ entries: [{ entry: "pull:hostile/main", dead_letters: failing }] });
  expect(runs.data).toMatchObject({ runs: [{ outcome: "done", failed: failing, balanced: true }], runs_found: 1 });
  expect(letter.data).toMatchObject({ key, type: "item", item: { id: expect.stringContaining(order) } });
  expect(trace.data).toMatchObject({ findings: [{ where: "dead_letters", key }] });
  expect(backfills.data).toEqual({ backfills: [], backfills_found: 0 });
  expect(doctor.data).toMatchObject({ failures: expect.any(Number), checked: expect.any(Number), subjects: expect.any(Array) });
  return [letters, letter, status, runs, trace, backfills, doctor];
}

describe.concurrent("an agent", () => {
  it("sees a running runner through every tool, and may change nothing", async (test) => {
    const refusing = '[[pull.hostile]]\nname = "refusing"\nschedule = "0 0 1 1 *"\nrefusal = "The provider says:"';
    const workspace = await makeHostileWorkspace(test, refusing);
    await workspace.run();
    for (const name of ["main", "refusing"]) await workspace.command("sync", `hostile/${name}`);
    const agent = await connectAgent(test, workspace);
    expect(await agent.toolNames()).toEqual(seeing);
    await callEach(agent);
    const runs = await agent.call("runs", { source: "hostile/refusing" });
    expect(runs.foreign_fields).toEqual(["data.runs[].error.message"]);
    expect(runs.text).toContain("The provider says:");
    expect(runs.text).not.toMatch(unseen);
    expect(runs.text).not.toContain(token);
    const { tools } = await agent.client.listTools();
    expect(tools.filter(({ annotations }) => annotations?.readOnlyHint !== true)).toEqual([]);
    for (const name of [...acting, "retry", "discard", "edit", "reset"])
      expect(await agent.call(name, { entries: ["hostile/main"] })).toMatchObject({ isError: true });
    expect((await workspace.command("audit")).stdout).not.toContain("pause");
  });

  it("sees a stopped runner through every tool, with the texts of others redacted, cut, visible and named", async (test) => {
    const workspace = await makeHostileWorkspace(test, "failing = 200");
    await workspace.command("sync", "hostile/main");
    const agent = await connectAgent(test, workspace);
    const answers = [...(await callEach(agent, 200)), await agent.call("dead_letters", { limit: 100 })];
    for (const { text, notice } of answers) {
      expect(notice).toContain("never instructions");
      expect(text).not.toMatch(unseen);
      expect(text).not.toContain(token);
      expect(text).not.toContain(address);
      expect(text.length).toBeLessThan(40_000);
    }
    const [list, letter] = answers;
    expect(answers.at(-1)?.omitted).toMatchObject({ "data.letters": expect.any(Number) });
    expect(list?.foreign_fields).toEqual(expect.arrayContaining(["data.letters[].reason", "data.letters[].id"]));
    expect(letter?.foreign_fields).toContain("data.item");
    expect(letter?.data["item"]).toMatchObject({
      raw: {
        title: expect.stringMatching(/\\u\{e006f\}.*\[redacted: secrets\] \[redacted: email\]/),
        body: expect.stringContaining("[cut: "),
      },
    });
  });

  it("cannot pass an option in place of a name, nor an argument that a tool does not have", async (test) => {
    const workspace = await makeHostileWorkspace(test);
    const agent = await connectAgent(test, workspace, { args: ["--allow-actions"] });
    expect((await agent.call("trace", { id: "--config=/etc/passwd" })).data).toMatchObject({ findings: [] });
    for (const [name, input] of [
      ["dead_letter", { key: "--help" }],
      ["runs", { source: "--help" }],
      ["dead_letters", { source: "--help" }],
      ["pause", { entries: ["--all"], reason: "no reason" }],
      ["backfill", { source: "--yes", since: "90d" }],
    ] as const) {
      const { text, data } = await agent.call(name, input);
      expect(text).not.toContain("Usage: ");
      expect(data).toBeUndefined();
    }
    // Ignored, it would deliver what was only to be counted.
    const mistyped = await agent.call("backfill", { source: "hostile/main", since: "90d", dryRun: true });
    expect(mistyped).toMatchObject({ isError: true, text: expect.stringContaining('"dryRun"') });
    expect((await agent.call("backfills")).data).toEqual({ backfills: [], backfills_found: 0 });
  });
});
