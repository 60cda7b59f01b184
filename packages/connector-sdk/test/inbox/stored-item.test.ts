import { describe, expect, test } from "vitest";
import { type InboxItem, itemBody, itemJson, itemMeta, letterHash, toItem } from "../../src/inbox/index.ts";

const source = { kind: "slack", name: "team" };
const episode = {
  subject: "user:ada",
  kind: "chat.message",
  text: "hello",
  occurred_at: "2026-01-01T00:00:00Z",
  source: { type: "slack", id: "1" },
  idempotency_key: "k-1",
};

/** What releases have stored from the beginning: a change here would make stored items unreadable, or bury a letter twice. */
const stored: readonly { readonly item: InboxItem; readonly meta: string; readonly body: string; readonly hash?: string }[] = [
  {
    item: { type: "event", source, id: "a\0\ud800", headers: { "x-event": "ü" }, body: Buffer.from("raw"), receivedAtMs: 7 },
    meta: '{"receivedAtMs":7,"id":"a\\u0000\\ud800","headers":{"x-event":"ü"}}',
    body: "raw",
  },
  {
    item: { type: "event", source, headers: {}, body: Buffer.from(""), receivedAtMs: 7 },
    meta: '{"receivedAtMs":7,"headers":{}}',
    body: "",
  },
  { item: { type: "trigger", source, id: "t", receivedAtMs: 7 }, meta: '{"receivedAtMs":7,"id":"t"}', body: "" },
  { item: { type: "trigger", source, part: "a", receivedAtMs: 7 }, meta: '{"receivedAtMs":7,"part":"a"}', body: "" },
  {
    item: { type: "episode", source, episode, receivedAtMs: 7 },
    meta: '{"receivedAtMs":7}',
    body: '{"subject":"user:ada","kind":"chat.message","text":"hello","occurred_at":"2026-01-01T00:00:00Z","source":{"type":"slack","id":"1"},"idempotency_key":"k-1"}',
    hash: "1f585a7d49513cbe8f18c3f71d6da26d981c4f196b26920e97788bc52dc16d04",
  },
  {
    item: { type: "item", source, direction: "push", id: "m\ud800", raw: { a: 1 }, yielded: null, receivedAtMs: 7 },
    meta: '{"receivedAtMs":7}',
    body: '{"direction":"push","id":"m\\ud800","raw":{"a":1},"yielded":null}',
    hash: "8d504ea5d0a84520b814739a95200abdc5073cfb02c786222a2a371a69122302",
  },
];

describe("the stored parts of an item", () => {
  test.each(stored)("are what earlier releases wrote: $meta", ({ item, meta, body, hash }) => {
    expect(itemMeta(item)).toBe(meta);
    expect(Buffer.from(itemBody(item)).toString()).toBe(body);
    expect(letterHash(item)?.toString("hex")).toBe(hash);
  });

  test.each(stored)("make the item again: $meta", ({ item, meta, body }) => {
    expect(toItem({ type: item.type, source, meta, body: Buffer.from(body) })).toEqual(item);
  });

  test("are read from a body that is a part of a larger buffer", () => {
    const larger = new Uint8Array(Buffer.from(`xx${JSON.stringify(episode)}yy`));
    const body = larger.subarray(2, larger.byteLength - 2);
    expect(toItem({ type: "episode", source, meta: '{"receivedAtMs":7}', body })).toMatchObject({ episode });
  });

  test("of what is no JSON are refused with INBOX_ITEM_INVALID", () => {
    expect(() => itemJson({ count: 1n })).toThrow(expect.objectContaining({ code: "INBOX_ITEM_INVALID" }));
  });
});
