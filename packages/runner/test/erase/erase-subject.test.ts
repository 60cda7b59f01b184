import { setImmediate as nextTurn } from "node:timers/promises";
import { canonicalSubject, type Episode, type ReceivedEvent } from "@statewave-connectors/connector-sdk";
import { defaultInboxLimits, type InboxItem, type Settlement } from "@statewave-connectors/connector-sdk/inbox";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { InMemoryInbox } from "@statewave-connectors/inbox-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { listActions, recordAction } from "../../src/actions/record-action.ts";
import { CompileRecords } from "../../src/compile/compile-records.ts";
import { formatPage, parsePage } from "../../src/compile/touch.ts";
import type { OpenedEntries } from "../../src/composition/live-entries.ts";
import { eraseSubject, findSubject } from "../../src/erase/erase-subject.ts";

const chat = { kind: "chat", name: "team" };
const ada = "user:ada";
const never = new AbortController().signal;

function episode(subject: string, key = subject): Episode {
  const source = { type: "chat", id: key };
  return { subject, kind: "chat.said", text: "word", occurred_at: "2026-01-01T00:00:00Z", source, idempotency_key: key };
}

/** An event whose body is the JSON of the subjects that it yields, or what its receiver cannot read. */
function event(body: string): InboxItem {
  return { type: "event", source: chat, headers: {}, body: Buffer.from(body), receivedAtMs: 1 };
}

const entries = {
  pulls: [],
  pushes: [
    {
      key: chat,
      entry: { ...chat, options: {} },
      receiver: {
        async *pages({ body }: ReceivedEvent) {
          yield { episodes: (JSON.parse(Buffer.from(body).toString()) as string[]).map((subject) => episode(subject)) };
        },
      },
    },
  ],
} as unknown as OpenedEntries;

function world() {
  const clock = new FakeClock(1_800_000_000_000);
  const inbox = new InMemoryInbox({ limits: defaultInboxLimits, clock });
  const store: CursorStore = new InMemoryPullCursorStore({ clock });
  const { records } = store;
  if (records === undefined) throw new Error("the store in memory keeps no records");
  const places = {
    inbox: async () => inbox,
    store: async () => store,
    entries: async () => entries,
    config: () => ({ pull: [], push: [] }),
    clock,
  };
  const erase = () => eraseSubject(places, ada, never);
  return { clock, inbox, store, records, places, erase };
}

describe("a subject that is erased", () => {
  test("leaves the queue and the dead letters, and the others of the same event stay", async () => {
    const { inbox, places, erase } = world();
    await inbox.accept(event('["user:ada"]'));
    await inbox.accept(event('["user:ada","user:ben"]'));
    await inbox.accept(event('["user:cem"]'));
    await inbox.accept({ type: "episode", source: chat, episode: episode(ada), receivedAtMs: 1 });
    await inbox.buryEpisode(chat, episode(ada, "letter"), "refused");
    await inbox.buryEpisode(chat, episode("user:ben", "letter of ben"), "refused");
    expect(await findSubject(places, ada, never)).toMatchObject({ waiting: 3, deadLetters: 1, inDelivery: 0 });
    expect((await inbox.stats()).depth).toBe(4);

    expect(await erase()).toMatchObject({ waiting: 3, deadLetters: 1, inDelivery: 0, undecidedCount: 0 });
    const left = await Promise.all(((await inbox.view?.list()) ?? []).map(async ({ key }) => inbox.view?.get(key)));
    expect(left.map((queued) => (queued?.item?.type === "episode" ? queued.item.episode.subject : queued?.item?.type))).toEqual([
      "event",
      "user:ben",
    ]);
    expect(await inbox.listDeadLetters()).toHaveLength(1);
    expect(await erase()).toMatchObject({ waiting: 0, deadLetters: 0 });
  });

  test("is reported where an item mentions it and cannot be mapped, which stays", async () => {
    const { inbox, erase } = world();
    await inbox.accept(event("user:ada said something that no JSON is"));
    await inbox.accept(event("user:ben said something that no JSON is"));
    await inbox.buryFailedItem(
      { type: "item", source: chat, direction: "pull", id: "1", raw: { by: "ada" }, receivedAtMs: 1 },
      "no title",
    );
    const { undecided, undecidedCount } = await erase();
    expect([undecided, undecidedCount]).toEqual([["inbox 1 of chat/team", "dead letter 1 of chat/team"], 2]);
    expect((await inbox.stats()).depth).toBe(2);
  });

  test.each([
    ["in JSON", JSON.stringify({ by: "ada@example.com" }).replace("@", String.raw`\u0040`)],
    ["in JSON in JSON", JSON.stringify(JSON.stringify({ by: "ada@example.com" }).replace("@", String.raw`\u0040`))],
    ["in a form", `payload=${encodeURIComponent(JSON.stringify({ by: "ada@example.com" }))}`],
    ["in base64", JSON.stringify({ data: Buffer.from('{"emailAddress":"ada@example.com"}').toString("base64url") })],
    ["in HTML", "<p>ada&#64;example.com wrote</p>"],
  ])("is found in an event of an entry that was removed, where it is escaped %s", async (_, body) => {
    const { inbox, places } = world();
    const gone = { kind: "gone", name: "team" };
    await inbox.accept({ type: "event", source: gone, headers: {}, body: Buffer.from(body), receivedAtMs: 1 });
    const found = async (subject: string) => (await eraseSubject(places, subject, never)).undecidedCount;
    expect([await found("user:ada@example.com"), await found("user:ada@example.co")]).toEqual([1, 0]);
    expect(await found(canonicalSubject("user:ada@example.com"))).toBe(1);
  });

  test("is waited for while it is being delivered, and reported when that takes too long", async () => {
    const { clock, inbox, erase } = world();
    await inbox.accept(event('["user:ada"]'));
    const claimed = Promise.withResolvers<void>();
    const settlement = Promise.withResolvers<Settlement>();
    inbox.consume(() => {
      claimed.resolve();
      return settlement.promise;
    });
    await claimed.promise;
    const late = erase();
    for (let step = 0; step < 200; step += 1) await clock.advance(250);
    expect(await late).toMatchObject({ waiting: 0, inDelivery: 1 });

    let hasEnded = false;
    const waiting = erase().finally(() => (hasEnded = true));
    await clock.advance(1_000);
    expect(hasEnded).toBe(false);
    settlement.resolve({ type: "done" });
    for (let step = 0; step < 8; step += 1) {
      await nextTurn();
      await clock.advance(250);
    }
    expect(await waiting).toMatchObject({ waiting: 0, inDelivery: 0 });
    expect((await inbox.stats()).depth).toBe(0);
  });

  test("is cut out of the audit log, which keeps that something was done, and out of what is to be compiled", async () => {
    const { clock, records, erase } = world();
    const action = { by: { user: "ada@build-7" }, command: "dead-letters edit", targets: ["7"], reason: "ada asked" };
    await recordAction({ records, clock }, action, async () => ({
      result: 0,
      before: { text: "by ada" },
      after: { text: "by ben" },
    }));
    const compile = new CompileRecords(records, "sink");
    const touch = (subject: string) => ({ subject, firstMs: 1, lastMs: 1, failures: 0 });
    await compile.write("page/1", formatPage([touch(ada), touch("user:adam")]), 0);
    await records.compareAndSet({
      scope: "runs/chat",
      key: "team",
      value: '[{"error":{"message":"gone is\\nada"}}]',
      expectedVersion: 0,
    });
    const failing = { failing: { error: { message: "403 for ada", hint: "ask ada" }, count: 1 } };
    await records.compareAndSet({ scope: "watches", key: "chat/team", value: JSON.stringify(failing), expectedVersion: 0 });
    const { records: changed } = await erase();
    expect(changed).toEqual({ audit: 1, compile: 1, runs: 1, watches: 1 });
    const [entry] = await listActions(records);
    expect(entry).toMatchObject({
      command: "dead-letters edit",
      targets: ["7"],
      user: "ada@build-7",
      before: "[erased]",
      after: { text: "by ben" },
      reason: "[erased] asked",
    });
    expect(parsePage((await compile.get("page/1"))?.value ?? "").map(({ subject }) => subject)).toEqual(["user:adam"]);
    expect((await records.get("runs/chat", "team"))?.value).toBe('[{"error":{"message":"gone is\\n[erased]"}}]');
    expect(await erase()).toMatchObject({ records: {} });
  });

  test("leaves no beginning of an edited letter in the audit log that was too long for it", async () => {
    const { clock, records, erase } = world();
    const letter = (end: string) => ({ text: "word ".repeat(1_000), by: end });
    const action = { by: { user: "ben@build-7" }, command: "dead-letters edit", targets: ["7"] };
    await recordAction({ records, clock }, action, async () => ({ result: 0, before: letter("ada"), after: letter("ben") }));
    expect((await erase()).records).toEqual({ audit: 1 });
    expect(await listActions(records)).toMatchObject([{ targets: ["7"], before: "[erased]", after: "[erased]" }]);
  });

  test("is named where it stays: in cursors, in records of others, and in entries that deliver under it", async () => {
    const { store, records, places } = world();
    await store.set(chat, '{"after":"ada"}');
    await records.compareAndSet({ scope: "plugin/x", key: "k", value: "about user:ada", expectedVersion: 0 });
    const config = () => ({ pull: [], push: [{ ...chat, subject: ada, options: {} }] });
    expect(await findSubject({ ...places, config }, ada, never)).toMatchObject({
      cursors: ["chat/team"],
      keptRecords: ["plugin/x k"],
      entries: ["push:chat/team"],
    });
  });
});
