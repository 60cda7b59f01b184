import { describe, expect, test } from "vitest";
import type { Json } from "../src/testing/workspace.ts";
import { callsOf, minuteMs, openSource, read, tick, wordsOf } from "./open-source.ts";
import { rewritingFetch, withoutCursor } from "./rewriting-fetch.ts";

const c1 = "C0CHANNEL1";
const withNext = (body: Json, next_cursor: string): Json => ({ ...body, has_more: true, response_metadata: { next_cursor } });

describe("a list that does not end", () => {
  test("because it names the same next page for ever ends with one error after the first repeat", async () => {
    let first: Json | undefined;
    const fetch = rewritingFetch((method, body) =>
      method === "conversations.history" ? (first ??= withNext(body, "again")) : body,
    );
    const { fake, source } = await openSource({ channels: 1, messages: 450, fetch });
    const reading = await tick(source);
    expect(reading.error).toMatchObject({ code: "SLACK_PAGE_REPEATED", message: expect.stringContaining(c1) });
    expect(callsOf(fake, "conversations.history")).toHaveLength(2);
    expect(reading.episodes).toHaveLength(200);
    const second = await tick(source, reading.cursor);
    expect([second.error, second.episodes]).toMatchObject([{ code: "SLACK_PAGE_REPEATED" }, []]);
  });

  test("because its pages lead in a circle ends once it has come round", async () => {
    let calls = 0;
    const circle = ["a", "b", "c"];
    const fetch = rewritingFetch((method, body, params) => {
      if (method !== "conversations.history") return undefined;
      const at = circle.indexOf(params.get("cursor") ?? "");
      calls += 1;
      return {
        ok: true,
        messages: [{ ts: `1767222000.00000${at + 1}`, text: "x", user: "U1" }],
        has_more: true,
        ...withNext({}, circle[(at + 1) % 3] ?? ""),
      };
    });
    const { source } = await openSource({ channels: 1, messages: 3, fetch });
    expect((await tick(source)).error).toMatchObject({ code: "SLACK_PAGE_REPEATED" });
    expect(calls).toBe(4);
  });

  test("because the same messages come under ever new cursors ends after few of them", async () => {
    let calls = 0;
    let first: Json | undefined;
    const fetch = rewritingFetch((method, body) => {
      if (method !== "conversations.history") return undefined;
      first ??= body;
      return withNext(first, `cursor ${(calls += 1)}`);
    });
    const { source } = await openSource({ channels: 1, messages: 300, fetch });
    expect((await tick(source)).error).toMatchObject({ code: "SLACK_PAGE_REPEATED" });
    expect(calls).toBeLessThan(6);
  });

  test("because a page comes in place of another is resumed at that page", async () => {
    let calls = 0;
    let isWell = false;
    let first: Json = {};
    const fetch = rewritingFetch((method, body) => {
      if (method !== "conversations.history" || isWell) return undefined;
      calls += 1;
      if (calls === 1) first = body;
      return calls > 2 ? { ok: false, error: "internal_error" } : { ...body, messages: first["messages"] };
    });
    const { source } = await openSource({ channels: 1, messages: 500, fetch });
    const lying = await tick(source);
    expect(lying.error).toMatchObject({ code: "SLACK_UNAVAILABLE" });
    isWell = true;
    const rest = await read(source, lying.cursor);
    expect(new Set([...lying.keys, ...rest.keys]).size).toBe(500);
  });

  test("of replies is set aside, and the rest is read", async () => {
    let first: Json | undefined;
    const fetch = rewritingFetch((method, body) =>
      method === "conversations.replies" ? (first ??= withNext(body, "again")) : undefined,
    );
    const { fake, clock, source } = await openSource({ channels: 1, fetch });
    fake.workspace.reply(c1, fake.workspace.post(c1, "question"), "answer");
    fake.workspace.post(c1, "another");
    await clock.advance(minuteMs);
    const reading = await tick(source);
    expect(wordsOf(reading.episodes)).toEqual(
      expect.arrayContaining(["slack.message.posted question", "slack.message.posted another"]),
    );
    expect(reading.error).toMatchObject({ code: "SLACK_PAGE_REPEATED" });
    expect(callsOf(fake, "conversations.replies").length).toBeLessThanOrEqual(2);
  });

  test("of channels is one error", async () => {
    let first: Json | undefined;
    const fetch = rewritingFetch((method, body) =>
      method === "conversations.list" ? (first ??= withNext(body, "again")) : undefined,
    );
    const { fake, source } = await openSource({ channels: 2, fetch });
    expect((await tick(source)).error).toMatchObject({ code: "SLACK_PAGE_REPEATED" });
    expect(callsOf(fake, "conversations.list")).toHaveLength(2);
  });
});

describe("a page that says there is more and names no next page", () => {
  test("is followed by time, and every message is read once", async () => {
    const fetch = rewritingFetch((method, body) => (method === "conversations.history" ? withoutCursor(body) : undefined));
    const { source } = await openSource({ channels: 2, messages: 500, fetch });
    const { episodes, keys } = await read(source);
    expect([episodes.length, keys.size]).toEqual([1_000, 1_000]);
  });

  test("of replies is followed by time", async () => {
    const fetch = rewritingFetch((method, body) => (method === "conversations.replies" ? withoutCursor(body) : undefined));
    const { fake, clock, source } = await openSource({ channels: 1, fetch });
    const parent = fake.workspace.post(c1, "question");
    for (let at = 0; at < 450; at += 1) fake.workspace.reply(c1, parent, `reply ${at}`);
    await clock.advance(minuteMs);
    expect((await read(source)).keys.size).toBe(451);
  });

  test("only once is followed by time, and by cursors behind it", async () => {
    let calls = 0;
    const fetch = rewritingFetch((method, body) =>
      method === "conversations.history" && (calls += 1) === 2 ? withoutCursor(body) : undefined,
    );
    const { source } = await openSource({ channels: 1, messages: 900, fetch });
    expect((await read(source)).keys.size).toBe(900);
  });

  test.each<[string, (body: Json) => Json]>([
    ["and has no messages", (body) => ({ ...withoutCursor(body), messages: [], has_more: true })],
    ["and no message of it has a time", (body) => ({ ...withoutCursor(body), messages: [{ text: "x" }], has_more: true })],
  ])("%s is an error, and the mark stays where it was", async (_, rewrite) => {
    const fetch = rewritingFetch((method, body) => (method === "conversations.history" ? rewrite(body) : undefined));
    const { source } = await openSource({ channels: 1, messages: 500, fetch });
    const reading = await tick(source);
    expect(reading.error).toMatchObject({ code: "SLACK_NEXT_PAGE_MISSING" });
    expect(reading.episodes).toEqual([]);
    expect(reading.cursor ?? "{}").not.toContain("oldest");
  });
});

describe("a short page", () => {
  test.each([
    ["without a message", 0],
    ["with one message", 1],
    ["with 14 messages", 14],
    ["with 16 messages", 16],
  ])("%s and a cursor is no sign of the slow lane", async (_, count) => {
    let calls = 0;
    const fetch = rewritingFetch((method, body, params) => {
      if (method !== "conversations.history" || params.has("cursor") || (calls += 1) > 1) return undefined;
      const messages = (body["messages"] as readonly Json[]).slice(0, count);
      return { ...body, messages };
    });
    const { fake, source } = await openSource({ channels: 1, messages: 450, fetch });
    expect((await read(source)).keys.size).toBe(450 - 200 + count);
    expect(callsOf(fake, "conversations.history")).toHaveLength(3);
  });
});
