import { describe, expect, test } from "vitest";
import type { CommandRequest } from "../src/command.ts";
import { actingTools } from "../src/tools/acting-tools.ts";

const range = { source: "helpdesk/main", since: "30d", dry_run: false, wait_seconds: 1 };
const requested = { id: "aaaaaaaaaa", source: "helpdesk/main", status: "open", delivered: 7 };
const other = {
  id: "bbbbbbbbbb",
  source: "helpdesk/main",
  status: "open",
  delivered: 900,
  running_in: { host: "web-2", pid: 7 },
};

/** What the tool answers when the command outlives the wait, having printed `printed`, and these backfills are stored then. */
async function answerAfterWait(printed: string, stored: readonly object[]) {
  const run = async ({ name, signal }: Pick<CommandRequest, "name"> & { readonly signal?: AbortSignal }) => {
    if (name[1] === "list")
      return { exitCode: 0, stdout: stored.map((each) => `${JSON.stringify(each)}\n`).join(""), stderr: "" };
    await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
    return { exitCode: 1, stdout: printed, stderr: "" };
  };
  const tool = actingTools.find(({ name }) => name === "backfill");
  const context = { run, actor: "agent test", signal: new AbortController().signal };
  return (await tool?.call(range, context))?.data;
}

describe.concurrent("after the wait a backfill is answered with", () => {
  const begun = `{"begun":{"id":"${requested.id}"}}\n`;

  test("how far it is, and not another one of its source", async () => {
    expect(await answerAfterWait(begun, [other, requested])).toMatchObject({
      remark: expect.stringContaining("last checkpoint"),
      backfill: requested,
    });
  });

  test("its end, when it came at that moment", async () => {
    const done = { ...requested, status: "done" };
    expect(await answerAfterWait(begun, [other, done])).toEqual({ backfill: done });
  });

  test("that it had not begun, although another one of its source has", async () => {
    expect(await answerAfterWait("", [other])).toEqual({ remark: "it had not begun: the same call begins again" });
    expect(await answerAfterWait(begun, [other])).toEqual({ remark: "it had not begun: the same call begins again" });
  });
});
