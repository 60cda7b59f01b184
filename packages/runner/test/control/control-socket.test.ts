import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Episode, Logger } from "@statewave-connectors/connector-sdk";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import { rememberSecret } from "@statewave-connectors/connector-sdk/secrets";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { connectControl } from "../../src/control/socket/control-client.ts";
import { ControlServer, listenForOneUser } from "../../src/control/socket/control-server.ts";
import { cursorOperations } from "../../src/control/operations/cursor-operations.ts";
import { storedBackfills, subjectOperations } from "../../src/control/operations/engine-operations.ts";
import { letterOperations, queueOperations } from "../../src/control/operations/inbox-operations.ts";
import { recordOperations } from "../../src/control/operations/record-operations.ts";
import { nothingPrivate } from "../../src/privacy/privacy.ts";
import type { BackfillView } from "../../src/backfill/backfill-view.ts";
import type { Operations } from "../../src/control/operations/operations.ts";
import { healthy } from "../http/start-server.ts";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { InMemoryInbox } from "@statewave-connectors/inbox-memory";

const source = { kind: "numbers", name: "all" };
const surroundings = { clock: systemClock, random: Math.random };

let folder: string;
let path: string;
let store: CursorStore;
let inbox: Inbox;
let operations: Operations;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "control-"));
  path = join(folder, "runner.sock");
  store = new InMemoryPullCursorStore();
  inbox = new InMemoryInbox();
  operations = {
    health: () => Promise.resolve(healthy),
    reload: () => Promise.reject(new Error("nothing is reloaded here")),
    ...cursorOperations(async () => store, surroundings),
    ...recordOperations(async () => store),
    ...queueOperations(
      async () => inbox,
      async () => nothingPrivate,
    ),
    ...letterOperations({
      inbox: async () => inbox,
      privacy: async () => nothingPrivate,
      records: async () => store.records,
      engine: () => Promise.reject(new Error("no item is retried here")),
      clock: systemClock,
    }),
    adoptSink: async () => ({ sink: "stdout:", sources: [] }),
    resetSources: async () => ({ sink: "stdout:", sources: [] }),
    ...storedBackfills(async () => store, surroundings),
    ...subjectOperations({
      inbox: async () => inbox,
      store: async () => store,
      entries: async () => ({ pulls: [], pushes: [] }),
      config: () => ({ pull: [], push: [] }),
      clock: surroundings.clock,
    }),
    backUp: () => Promise.reject(new Error("not requested here")),
    backfill: () => Promise.reject(new Error("not requested here")),
    prepareBackfill: () => Promise.reject(new Error("not requested here")),
    countRange: () => Promise.reject(new Error("not requested here")),
    sync: () => Promise.reject(new Error("not requested here")),
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a tool restores a source through the running process, and gets the same error when it cannot", async () => {
  const server = await ControlServer.listen({ path, folder: "state" }, async () => operations, silentLogger);
  const tool = await connectControl(path);
  const state = { source, cursor: "here", finishedDueMs: 1_000, openDueMs: 2_000, resumeInMs: 60_000_000 };
  await tool!.restoreSource(state, { force: false });
  expect(await tool!.listState()).toMatchObject([{ source, cursor: "here", finishedDueMs: 1_000, openDueMs: 2_000 }]);
  await store.acquire([{ source, owner: "a runner", ttlMs: 60_000 }]);
  await expect(tool!.restoreSource(state, { force: false })).rejects.toMatchObject({ code: "STORE_IN_USE", retryable: true });
  await tool!.restoreSource({ source, cursor: "there" }, { force: true });
  expect(await store.get(source)).toBe("there");
  await server?.close();
});

test("a tool whose runner ends before it answers, or before it is called, learns that it broke off", async () => {
  const called = Promise.withResolvers<void>();
  const silent: Operations = {
    ...operations,
    inboxStats: () => {
      called.resolve();
      return new Promise(() => undefined);
    },
  };
  const server = await ControlServer.listen({ path, folder: "state" }, async () => silent, silentLogger);
  const tool = (await connectControl(path))!;
  const answer = tool.inboxStats().catch((error: unknown) => error);
  await called.promise;
  await server?.close();
  expect(await answer).toMatchObject({ code: "RUNNER_CONTROL_BROKEN", retryable: true });
  await expect(tool.listState()).rejects.toMatchObject({ code: "RUNNER_CONTROL_BROKEN" });
});

test("a tool that names them uses the records that hold secrets, as they are stored, and no others", async () => {
  const server = await ControlServer.listen({ path, folder: "state" }, async () => operations, silentLogger);
  const { secretRecords } = (await connectControl(path))!;
  const write = { scope: "secret/pull/desk/a", key: "token", value: '{"v":1,"plain":"t0ken"}', expectedVersion: 0 };
  expect(await secretRecords.compareAndSet(write)).toMatchObject({ stored: true });
  await store.records!.compareAndSet({ ...write, scope: "pauses" });
  expect(await secretRecords.scopes()).toEqual(["secret/pull/desk/a"]);
  expect(await secretRecords.get(write.scope, "token")).toMatchObject({ value: write.value });
  for (const call of [() => secretRecords.get("pauses", "token"), () => secretRecords.list("pauses")])
    await expect(call()).rejects.toMatchObject({ code: "STORE_RECORD_SECRET" });
  await server?.close();
});

test("a tool uses the records of the running process's store, but not those that hold secrets", async () => {
  const server = await ControlServer.listen({ path, folder: "state" }, async () => operations, silentLogger);
  const { records } = (await connectControl(path))!;
  const write = { scope: "pauses", key: "github/main", value: '{"token":"kept as it is"}', expectedVersion: 0, ttlMs: 60_000 };
  expect(await records.compareAndSet(write)).toEqual({ stored: true, version: 1 });
  expect(await records.compareAndSet(write)).toMatchObject({ stored: false, current: { version: 1 } });
  expect(await records.get("pauses", "github/main")).toEqual(await store.records!.get("pauses", "github/main"));
  expect(await records.get("pauses", "none")).toBeUndefined();
  await store.records!.compareAndSet({ scope: "secret/oauth", key: "k", value: "s3cret", expectedVersion: 0 });
  expect(await records.scopes()).toEqual(["pauses", "secret/oauth"]);
  expect(await records.list("pauses", { prefix: "github/", limit: 1 })).toMatchObject([{ value: write.value }]);
  for (const call of [
    () => records.get("secret/oauth", "k"),
    () => records.list("secret/oauth"),
    () => records.compareAndSet({ scope: "secret/oauth", key: "k", expectedVersion: 2 }),
  ]) {
    await expect(call()).rejects.toMatchObject({ code: "STORE_RECORD_SECRET" });
  }
  await expect(records.list("pauses", { limit: 0 })).rejects.toMatchObject({ code: "STORE_RECORD_INVALID" });
  expect(await records.compareAndSet({ scope: "pauses", key: "github/main", expectedVersion: 1 })).toEqual({
    stored: true,
    version: 0,
  });
  await server?.close();
});

test("a tool gets unmasked what it writes back, cursors, records and letters to edit, and nothing else", async () => {
  const secret = "whsec-0123456789abcdef";
  rememberSecret(secret);
  await store.set(source, secret);
  await store.records!.compareAndSet({ scope: "pauses", key: "a", value: secret, expectedVersion: 0 });
  await inbox.buryFailedItem({ type: "item", source, direction: "pull", id: "1", raw: secret, receivedAtMs: 1 }, "odd");
  await inbox.buryEpisode(source, { ...numberEpisode("2"), text: secret }, "refused");
  const server = await ControlServer.listen({ path, folder: "state" }, async () => operations, silentLogger);
  const tool = (await connectControl(path))!;
  expect(await tool.getCursor(source)).toBe(secret);
  expect(await tool.records.get("pauses", "a")).toMatchObject({ value: secret });
  const [item, episode] = (await tool.listDeadLetters({})).map(({ key }) => key);
  expect(await tool.readLetter(episode!)).toMatchObject({ content: { text: secret } });
  for (const key of [item!, episode!]) expect(JSON.stringify(await tool.getDeadLetter(key))).not.toContain(secret);
  await server?.close();
});

test("a tool learns that the store of the running process keeps no records", async () => {
  operations = {
    ...operations,
    ...recordOperations(async () => ({}) as CursorStore),
  };
  const server = await ControlServer.listen({ path, folder: "state" }, async () => operations, silentLogger);
  const { records } = (await connectControl(path))!;
  await expect(records.scopes()).rejects.toMatchObject({ code: "STORE_RECORDS_MISSING" });
  await server?.close();
});

test("a tool reads the health report of the running process", async () => {
  const server = await ControlServer.listen({ path, folder: "state" }, async () => operations, silentLogger);
  expect(await (await connectControl(path))!.health()).toEqual(healthy);
  await server?.close();
});

test("of two processes that share a state the first answers tools, and the other has nothing to warn of", async () => {
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
  const first = await ControlServer.listen({ path, folder: "state" }, async () => operations, logger);
  expect(await ControlServer.listen({ path, folder: "state" }, async () => operations, logger)).toBeUndefined();
  expect(warnings).toEqual([]);
  await first?.close();
  expect(await connectControl(path)).toBeUndefined();
});

test("a process that is paused and answers nothing counts as absent, and is reported", async () => {
  const silent = createServer().listen(path);
  await once(silent, "listening");
  const silentAt: string[] = [];
  expect(await connectControl(path, { timeoutMs: 50, onSilent: (at) => void silentAt.push(at) })).toBeUndefined();
  expect(silentAt).toEqual([path]);
  silent.close();
});

test("retry reports each letter; an older tool gets the count", async () => {
  const server = await ControlServer.listen({ path, folder: "state" }, async () => operations, silentLogger);
  const tool = await connectControl(path);
  for (const key of ["1", "2"]) await inbox.buryEpisode(source, numberEpisode(key), "refused");
  const [first, second] = await tool!.listDeadLetters({});
  expect(await tool!.retryDeadLetters([first!.key])).toEqual({ requeued: 1, delivered: 0, kept: [] });
  const body = JSON.stringify({ operation: "dead-letters.retry", keys: [second!.key] });
  expect(await post(path, body)).toEqual({ result: 1 });
  await server?.close();
});

test("a tool may send an edited event of the 25 MiB that a provider sends, and no request above 64 MiB", async () => {
  const server = await ControlServer.listen({ path, folder: "state" }, async () => operations, silentLogger);
  const tool = (await connectControl(path))!;
  const edit = (bytes: number) =>
    tool.replaceLetter({ key: "1", digest: "", content: { headers: {}, body_base64: "/".repeat(Math.ceil(bytes / 3) * 4) } });
  // It is read whole: there is no such letter.
  await expect(edit(25 * 1024 * 1024)).rejects.toMatchObject({ code: "INBOX_LETTER_CHANGED" });
  await expect(edit(48 * 1024 * 1024)).rejects.toMatchObject({
    code: "RUNNER_CONTROL_TOO_LARGE",
    message: expect.stringContaining("larger than 64 MiB"),
    hint: expect.stringContaining("stop the runner"),
  });
  await server?.close();
});

test.each([
  { what: "text", body: Buffer.from("grüße"), shown: { body: "grüße" } },
  { what: "bytes that are not UTF-8", body: Buffer.from([0xff, 0x00]), shown: { body_base64: "/wA=" } },
])(
  "a dead letter with $what is the same through the running process as from the process that reads it",
  async ({ body, shown }) => {
    await inbox.accept({ type: "event", source, id: "1", headers: {}, body, receivedAtMs: 1 });
    const consumer = inbox.consume(async () => ({ type: "dead", reason: "odd" }));
    await expect.poll(async () => (await inbox.listDeadLetters()).length).toBe(1);
    await consumer.stop(new AbortController().signal);
    const [letter] = await inbox.listDeadLetters();
    const server = await ControlServer.listen({ path, folder: "state" }, async () => operations, silentLogger);
    const tool = await connectControl(path);
    const here = await operations.getDeadLetter(letter!.key);
    expect(here?.item).toEqual({ type: "event", source, id: "1", headers: {}, receivedAtMs: 1, ...shown });
    expect(await tool?.getDeadLetter(letter!.key)).toEqual(here);
    await server?.close();
  },
);

function numberEpisode(key: string): Episode {
  return {
    subject: "numbers:all",
    kind: "numbers.number",
    text: key,
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "numbers", id: key },
    idempotency_key: key,
  };
}

/** The answer to a request of a tool that knows no reports. */
async function post(socketPath: string, body: string): Promise<unknown> {
  const sent = request({ socketPath, method: "POST", path: "/", agent: false });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [AsyncIterable<Buffer>];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
}

test("a tool that stops waiting gets the reason of its signal, and nothing else ends its process", async () => {
  operations.backfill = (_request, onProgress) => {
    onProgress?.({} as BackfillView);
    return new Promise(() => undefined);
  };
  const server = await ControlServer.listen({ path, folder: "state" }, async () => operations, silentLogger);
  const tool = await connectControl(path);
  const stop = new AbortController();
  const range = { source, since: "2025-01-01T00:00:00Z", until: "2025-01-02T00:00:00Z", rangeText: "2025-01-01.." };
  const waiting = tool!.backfill(range, () => stop.abort(new Error("enough")), stop.signal);
  await expect(waiting).rejects.toThrow("enough");
  expect(await tool!.listState()).toEqual([]);
  await server?.close();
});

test("the socket is for one user from the bind on, and what is made while it begins to listen has its usual mode", async () => {
  const umask = process.umask(0o022);
  onTestFinished(() => void process.umask(umask));
  const server = createServer();
  onTestFinished(() => void server.close());
  const listening = listenForOneUser(server, path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  mkdirSync(join(folder, "meanwhile"));
  expect(statSync(join(folder, "meanwhile")).mode & 0o777).toBe(0o755);
  await listening;
});
