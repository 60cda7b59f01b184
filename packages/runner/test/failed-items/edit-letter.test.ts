import type { Episode } from "@statewave-connectors/connector-sdk";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { InMemoryInbox } from "@statewave-connectors/inbox-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { beforeEach, describe, expect, test } from "vitest";
import { type LetterPlaces, readLetter, replaceLetter } from "../../src/failed-items/edit-letter.ts";
import { nothingPrivate } from "../../src/privacy/privacy.ts";
import { altered } from "../altered-inbox.ts";

const source = { kind: "notes", name: "team" };
const episode: Episode = {
  subject: "notes",
  kind: "note.written",
  text: "a",
  occurred_at: "yesterday",
  source: { type: "notes", id: "1" },
  idempotency_key: "notes:1",
};

let clock: FakeClock;
let inbox: Inbox;
let places: LetterPlaces;
beforeEach(() => {
  clock = new FakeClock();
  inbox = new InMemoryInbox();
  places = { inbox, privacy: nothingPrivate, records: new InMemoryPullCursorStore({ clock }).records, clock };
});

async function buriedKey(): Promise<string> {
  await inbox.buryEpisode(source, episode, "refused");
  return (await inbox.listDeadLetters())[0]!.key;
}

/** Buries an event with this body, and answers its key. */
async function buriedEvent(body: Uint8Array): Promise<string> {
  await inbox.accept({ type: "event", source, id: "delivery-1", headers: { "x-event": "note" }, body, receivedAtMs: 1 });
  const consumer = inbox.consume(async () => ({ type: "dead", reason: "odd" }));
  await expect.poll(async () => (await inbox.listDeadLetters()).length).toBe(1);
  await consumer.stop(new AbortController().signal);
  return (await inbox.listDeadLetters())[0]!.key;
}

/** What waits in the queue. */
async function queued() {
  const items: unknown[] = [];
  const { depth } = await inbox.stats();
  const consumer = inbox.consume(async ({ item }) => {
    items.push(item);
    return { type: "done" };
  });
  await expect.poll(() => items.length).toBe(depth);
  await consumer.stop(new AbortController().signal);
  return items;
}

describe("an edited letter", () => {
  test("of an episode is back in the queue, and leaves the list", async () => {
    const key = await buriedKey();
    const letter = await readLetter(places, key);
    expect(letter).toMatchObject({ type: "episode", content: episode });
    const mended = { ...episode, occurred_at: "2026-01-01T00:00:00Z" };
    await replaceLetter(places, { key, digest: letter!.digest, content: mended });
    expect(await inbox.listDeadLetters()).toEqual([]);
    expect(await queued()).toMatchObject([{ type: "episode", source, episode: mended }]);
  });

  test.each([
    {
      what: "JSON",
      body: Buffer.from('{"a":1}'),
      content: { body_json: { a: 1 } },
      edited: { body_json: { a: 2 } },
      after: '{"a":2}',
    },
    {
      what: "JSON with spaces",
      body: Buffer.from('{ "a": 1 }'),
      content: { body: '{ "a": 1 }' },
      edited: { body: "b" },
      after: "b",
    },
    {
      what: "a number that would be rounded",
      body: Buffer.from('{"a":12345678901234567890}'),
      content: { body: '{"a":12345678901234567890}' },
      edited: { body: '{"a":12345678901234567891}' },
      after: '{"a":12345678901234567891}',
    },
    {
      what: "bytes",
      body: Buffer.from([0xff, 0]),
      content: { body_base64: "/wA=" },
      edited: { body_base64: "YQ==" },
      after: "a",
    },
  ])("of an event with $what is mapped again although its id was seen", async ({ body, content, edited, after }) => {
    const key = await buriedEvent(body);
    const letter = await readLetter(places, key);
    expect(letter?.content).toEqual({ headers: { "x-event": "note" }, ...content });
    await replaceLetter(places, { key, digest: letter!.digest, content: { headers: { "x-event": "other" }, ...edited } });
    expect(await inbox.listDeadLetters()).toEqual([]);
    const [item] = (await queued()) as { readonly body: Uint8Array; readonly headers: unknown }[];
    expect([Buffer.from(item!.body).toString(), item!.headers]).toEqual([after, { "x-event": "other" }]);
  });

  test.each([
    { why: "an episode that Statewave refuses", content: { ...episode, text: "" } },
    { why: "no object", content: "text" },
    { why: "nothing", content: undefined },
  ])("that is $why is refused and changes nothing", async ({ content }) => {
    const key = await buriedKey();
    const { digest } = (await readLetter(places, key))!;
    await expect(replaceLetter(places, { key, digest, content })).rejects.toMatchObject({ code: "INBOX_LETTER_INVALID" });
    expect(await inbox.listDeadLetters()).toHaveLength(1);
    expect((await inbox.stats()).depth).toBe(0);
  });

  test.each([
    { why: "without headers", content: { body: "a" } },
    { why: "with two bodies", content: { headers: {}, body: "a", body_json: {} } },
    { why: "with bytes that are not base64", content: { headers: {}, body_base64: "?" } },
  ])("of an event $why is refused", async ({ content }) => {
    const key = await buriedEvent(Buffer.from("a"));
    const { digest } = (await readLetter(places, key))!;
    await expect(replaceLetter(places, { key, digest, content })).rejects.toMatchObject({ code: "INBOX_LETTER_INVALID" });
    expect(await inbox.listDeadLetters()).toHaveLength(1);
  });

  test("of two operators, one is queued, and the other is reported", async () => {
    const key = await buriedKey();
    const { digest } = (await readLetter(places, key))!;
    const edits = ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"].map((at) =>
      replaceLetter(places, { key, digest, content: { ...episode, occurred_at: at } }),
    );
    const ends = await Promise.allSettled(edits);
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(ends.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "INBOX_LETTER_CHANGED" } });
    expect((await inbox.stats()).depth).toBe(1);
  });

  test("leaves the lock of another command, which took it when this one's had expired", async () => {
    const key = await buriedKey();
    const { digest } = (await readLetter(places, key))!;
    const lock = { scope: "letter-edits", key, value: "editing", expectedVersion: 0 };
    const slowInbox = altered(inbox, {
      accept: async (item) => {
        await clock.advance(61_000);
        expect(await places.records!.compareAndSet(lock)).toMatchObject({ stored: true });
        return inbox.accept(item);
      },
    });
    const content = { ...episode, occurred_at: "2026-01-01T00:00:00Z" };
    await replaceLetter({ ...places, inbox: slowInbox }, { key, digest, content });
    expect(await places.records!.get("letter-edits", key)).toBeDefined();
  });

  test("that was discarded meanwhile is not brought back", async () => {
    const key = await buriedKey();
    const { digest } = (await readLetter(places, key))!;
    await inbox.discardDeadLetters([key]);
    const content = { ...episode, occurred_at: "2026-01-01T00:00:00Z" };
    await expect(replaceLetter(places, { key, digest, content })).rejects.toMatchObject({ code: "INBOX_LETTER_CHANGED" });
    expect((await inbox.stats()).depth).toBe(0);
  });

  test("is not read where [privacy] hides a part of it", async () => {
    const key = await buriedKey();
    const hiding: LetterPlaces["privacy"] = {
      ...nothingPrivate,
      redactLetter: (letter) => ({
        ...letter,
        item: { type: "episode", source, episode: { ...episode, text: "***" }, receivedAtMs: 1 },
      }),
    };
    await expect(readLetter({ ...places, privacy: hiding }, key)).rejects.toMatchObject({ code: "INBOX_LETTER_NOT_EDITABLE" });
  });

  test("of an item that could not be mapped is refused, because the connector maps it again", async () => {
    await inbox.buryFailedItem({ type: "item", source, direction: "pull", id: "b", receivedAtMs: 1 }, "TypeError");
    const [letter] = await inbox.listDeadLetters();
    await expect(readLetter(places, letter!.key)).rejects.toMatchObject({ code: "INBOX_LETTER_NOT_EDITABLE" });
    expect(await readLetter(places, "999")).toBeUndefined();
  });
});
