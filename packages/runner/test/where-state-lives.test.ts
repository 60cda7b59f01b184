import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "@statewave-connectors/config";
import type { Episode } from "@statewave-connectors/connector-sdk";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { defineInbox, type Inbox } from "@statewave-connectors/connector-sdk/inbox";
import { defineCursorStore, type StateHome } from "@statewave-connectors/connector-sdk/store";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { InMemoryInbox } from "@statewave-connectors/inbox-memory";
import { expect, onTestFinished, test } from "vitest";
import { createRunner } from "../src/index.ts";
import { recordActionIfKept } from "../src/actions/index.ts";
import { openOperations } from "../src/operations.ts";
import { diagnose } from "../src/tools.ts";
import { altered } from "./altered-inbox.ts";
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

test("a tool closes an inbox that was still being opened when the store could not be", async () => {
  const { options } = await shelfThatLivesIn("files");
  const isOpen = Promise.withResolvers<void>();
  let closed = 0;
  const cursorStore = defineCursorStore({ config, livesIn: "files", open: () => Promise.reject(new Error("unreadable")) });
  const inbox = defineInbox({
    config,
    livesIn: "files",
    open: async (_, limits, { clock }) => {
      await isOpen.promise;
      return altered(new InMemoryInbox({ limits, clock }), { close: async () => void (closed += 1) });
    },
  });
  const tool = await openOperations({ ...options, cursorStores: { shelf: cursorStore }, inboxes: { shelf: inbox } });
  const stats = tool.operations.inboxStats();
  await expect(tool.operations.listState()).rejects.toThrow("unreadable");
  const closing = tool.close();
  isOpen.resolve();
  await closing;
  expect(closed).toBe(1);
  await stats;
});

/** A state in memory, and an inbox of another kind. */
async function shelfBesideMemory(livesIn: StateHome, inbox: Inbox, state: "memory" | "file" = "memory") {
  const shelf = defineInbox({ config, livesIn, open: async () => altered(inbox, { close: async () => undefined }) });
  const baseDir = mkdtempSync(join(tmpdir(), "where-state-lives-"));
  onTestFinished(() => rmSync(baseDir, { recursive: true, force: true }));
  const source = { statewave: { url: "stdout:" }, runner: { state: { kind: state }, inbox: { kind: "shelf" } } };
  const cursorStores = { file: defineCursorStore({ config, livesIn: "files", open: async () => new InMemoryPullCursorStore() }) };
  const { config: parsed, ...adapters } = await parseConfig(source, { baseDir, cursorStores, inboxes: { shelf: shelf } });
  return openOperations({ ...adapters, config: parsed, logger: silentLogger });
}

const letter: Episode = {
  subject: "notes",
  kind: "note.written",
  text: "a",
  occurred_at: "yesterday",
  source: { type: "notes", id: "1" },
  idempotency_key: "notes:1",
};

test("with the state alone in memory a tool retries, edits and discards dead letters, without an audit log", async () => {
  const inbox = new InMemoryInbox();
  for (const id of ["1", "2", "3"])
    await inbox.buryEpisode({ kind: "notes", name: "team" }, { ...letter, idempotency_key: id }, "refused");
  const opened = await shelfBesideMemory("server", inbox);
  const { operations } = opened;
  const [retried, edited, discarded] = (await operations.listDeadLetters({})).map(({ key }) => key);
  const { digest } = (await operations.readLetter(edited!))!;
  const content = { ...letter, occurred_at: "2026-01-01T00:00:00Z" };
  await operations.replaceLetter({ key: edited!, digest, content });
  const action = { by: { user: "ana@build-7" }, command: "dead-letters", targets: [] };
  const acts = [() => operations.retryDeadLetters([retried!]), () => operations.discardDeadLetters([discarded!])];
  for (const act of acts)
    await recordActionIfKept({ records: operations.records }, action, async () => ({ result: await act() }));
  expect(await inbox.stats()).toMatchObject({ depth: 2, deadLetters: [] });
  await opened.close();
});

test.each([
  ["memory", "file"],
  ["file", "file"],
] as const)("an inbox in memory beside a state of kind %s is refused by its own table", async (state, kept) => {
  const opened = await shelfBesideMemory("process", new InMemoryInbox(), state);
  const { operations } = opened;
  await expect(operations.inboxStats()).rejects.toMatchObject({
    code: "STORE_MEMORY",
    message: 'the inbox is of kind "shelf": it lives only inside a running process',
    hint: `set [runner.inbox] kind = "${kept}" to keep it`,
  });
  await opened.close();
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
