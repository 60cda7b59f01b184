import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "@statewave-connectors/config";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { defineInbox } from "@statewave-connectors/connector-sdk/inbox";
import { defineCursorStore, type StateHome } from "@statewave-connectors/connector-sdk/store";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { InMemoryInbox } from "@statewave-connectors/inbox-memory";
import { expect, onTestFinished, test } from "vitest";
import { createRunner, diagnose, openOperations } from "../src/index.ts";
import { keepingLogger } from "./health/logging.ts";

const config = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;

/** A state of a package that the runner has never heard of. */
async function shelfThatLivesIn(livesIn: StateHome) {
  const opened: string[] = [];
  const cursorStores = {
    shelf: defineCursorStore({
      config,
      livesIn,
      open: async (_, { clock }) => {
        opened.push("cursor store");
        return new InMemoryPullCursorStore({ clock });
      },
    }),
  };
  const inboxes = {
    shelf: defineInbox({
      config,
      livesIn,
      open: async (_, limits, { clock }) => {
        opened.push("inbox");
        return new InMemoryInbox({ limits, clock });
      },
    }),
  };
  const source = { statewave: { url: "stdout:" }, runner: { state: { kind: "shelf" } } };
  const baseDir = mkdtempSync(join(tmpdir(), "where-state-lives-"));
  onTestFinished(() => rmSync(baseDir, { recursive: true, force: true }));
  const parsed = await parseConfig(source, { baseDir, cursorStores, inboxes });
  const { logger, lines } = keepingLogger();
  return { options: { ...parsed, logger, clock: systemClock, listen: false }, lines, opened };
}

const atStart = "the state is held in memory: a crash loses what it holds, a restart begins anew";

test("a runner says at start of any state in its process what a crash loses", async () => {
  const { options, lines } = await shelfThatLivesIn("process");
  const runner = await createRunner(options);
  await runner.start();
  await runner.stop();
  expect(lines).toContainEqual({
    level: "warn",
    message: atStart,
    fields: expect.objectContaining({ cursors_in_memory: true, webhooks_in_memory: true }),
  });
});

test("a tool is refused what lives in another process, by the name of its kind", async () => {
  const { options, opened } = await shelfThatLivesIn("process");
  const tool = await openOperations(options);
  await expect(tool.operations.listState()).rejects.toMatchObject({
    code: "STORE_MEMORY",
    message: 'the state is of kind "shelf": it lives only inside a running process',
  });
  await tool.close();
  expect(opened).toEqual([]);
});

test.each([
  ["process", []],
  ["files", []],
  ["server", ["cursor store", "inbox"]],
] as const)("doctor opens what lives on a server alone: %s", async (livesIn, expected) => {
  const { options, opened } = await shelfThatLivesIn(livesIn);
  const subjects: string[] = [];
  for await (const found of diagnose(options, {}, new AbortController().signal)) {
    if ("diagnosis" in found) subjects.push(found.diagnosis.subject);
  }
  expect(subjects).toEqual(expect.arrayContaining(["state", "inbox", "statewave", "machine"]));
  expect(opened.toSorted()).toEqual(expected);
});
