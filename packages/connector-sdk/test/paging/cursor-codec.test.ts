import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { silentLogger } from "../../src/contract/logger.ts";
import { cursorCodec } from "../../src/paging/index.ts";
import { HandClock } from "../hand-clock.ts";

const entry = { source: { kind: "acme", name: "main" } };
const codec = cursorCodec({
  kind: "acme",
  version: 2,
  schema: v.strictObject({
    v: v.literal(2),
    after: v.number(),
    checkedMs: v.optional(v.number()),
    since: v.optional(v.string()),
  }),
  migrate: { 1: ({ after }) => ({ v: 2, after: Number(after) }) },
  clampTimes: (cursor, clamp) => ({ ...cursor, checkedMs: clamp.ms(cursor.checkedMs), since: clamp.instant(cursor.since) }),
});

test("reads what it wrote", () => {
  const text = codec.format({ v: 2, after: 7 });

  expect(text).toBe('{"v":2,"after":7}');
  expect(codec.parse(text, entry)).toEqual({ v: 2, after: 7 });
  expect(codec.parse(undefined, entry)).toBeUndefined();
});

test("reads what an older version wrote", () => {
  expect(codec.parse('{"v":1,"after":"7"}', entry)).toEqual({ v: 2, after: 7 });
});

test.each([
  { title: "empty", text: "", says: "no version" },
  { title: "no JSON", text: "2026-01-01", says: "no version" },
  { title: "cut off", text: '{"v":2,"af', says: "no version" },
  { title: "null", text: "null", says: "no version" },
  { title: "a list", text: "[2]", says: "no version" },
  { title: "another connector's", text: '{"files":{}}', says: "no version" },
  { title: "of a newer version", text: '{"v":3,"after":7}', says: "has the version 3, and this release reads 2" },
  { title: "of a version that is a word", text: '{"v":"toString","after":7}', says: "no version" },
  { title: "damaged", text: '{"v":2,"after":"seven"}', says: '"after" is wrong' },
  { title: "deep", text: `{"v":2,"after":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, says: '"after" is wrong' },
])("refuses a cursor that is $title, and names the command that forgets it", ({ text, says }) => {
  expect(() => codec.parse(text, entry)).toThrow(
    expect.objectContaining({
      code: "ACME_CURSOR_INVALID",
      retryable: false,
      message: expect.stringContaining(says),
      hint: expect.stringContaining("state reset acme/main"),
    }),
  );
});

test("has a bound in both directions", () => {
  const small = cursorCodec({
    kind: "acme-crm",
    version: 1,
    maxBytes: 100,
    schema: v.object({ v: v.literal(1), text: v.string() }),
  });

  expect(() => small.format({ v: 1, text: "x".repeat(100) })).toThrow(
    expect.objectContaining({ code: "ACME_CRM_CURSOR_TOO_LARGE" }),
  );
  expect(() => small.parse(`{"v":1,"text":"${"x".repeat(100)}"}`, entry)).toThrow(
    expect.objectContaining({ code: "ACME_CRM_CURSOR_INVALID", message: expect.stringContaining("100 bytes") }),
  );
});

test("writes no cursor that no store keeps, whatever its bound says", () => {
  const schema = v.object({ v: v.literal(1), text: v.string() });
  for (const bound of [{}, { maxBytes: 16 * 1024 * 1024 }]) {
    const large = cursorCodec({ kind: "acme", version: 1, schema, ...bound });
    expect(() => large.format({ v: 1, text: "x".repeat(1024 * 1024) })).toThrow(
      expect.objectContaining({
        code: "ACME_CURSOR_TOO_LARGE",
        message: expect.stringContaining("1048576 are the maximum") as string,
      }),
    );
  }
});

test("sets times of the future back to the present, and reports them once", () => {
  const warnings: unknown[] = [];
  const clock = new HandClock();
  clock.nowMs = Date.UTC(2026, 0, 1);
  const logger = { ...silentLogger, warn: (message: string, fields?: object) => warnings.push({ message, ...fields }) };
  const reader = { ...entry, clock, logger };
  const future = { v: 2, after: 7, checkedMs: Date.UTC(2036, 0, 1), since: "2036-01-01T00:00:00Z" } as const;
  const near = { v: 2, after: 7, checkedMs: clock.nowMs + 60_000, since: "2025-12-31T23:59:59Z" } as const;

  expect(codec.parse(codec.format(future), reader)).toEqual({
    v: 2,
    after: 7,
    checkedMs: clock.nowMs,
    since: "2026-01-01T00:00:00Z",
  });
  expect(codec.parse(codec.format(near), reader)).toEqual(near);
  expect(warnings).toEqual([expect.objectContaining({ source: "acme/main", times: 2 })]);
});

describe("cursors of connectors as they are stored", () => {
  test.each([
    { version: 1, versionKey: "version", text: '{"version":1,"files":[["a.md","h","f"]]}' },
    { version: 1, versionKey: "v", text: '{"v":1,"team":"T0ACME","channels":{"C1":{"oldest":"1.0","threads":{}}}}' },
    { version: [1, 2], versionKey: "v", text: '{"v":2,"parts":{}}' },
    { version: [1, 2], versionKey: "v", text: '{"v":1,"repository":{"id":1},"lists":{}}' },
  ])("are read without a migration: $text", ({ version, versionKey, text }) => {
    const stored = cursorCodec({ kind: "acme", version, versionKey, schema: v.looseObject({}) });

    expect(stored.format(stored.parse(text))).toBe(text);
  });
});
