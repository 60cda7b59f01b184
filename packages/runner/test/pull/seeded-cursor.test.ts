import { expect, test } from "vitest";
import { seededCursor } from "../../src/pull/seeded-cursor.ts";

const key = { kind: "github", name: "main" };
const nowMs = Date.parse("2026-12-01T00:00:00Z");
const begin = (since: string) =>
  seededCursor({ key, seed: (start) => `from ${start.since}` }, `seed:{"since":"${since}"}`, nowMs);

test("a moment in the future is refused: the source would read nothing until then", () => {
  expect(() => begin("2062-01-01T00:00:00Z")).toThrow(expect.objectContaining({ code: "PULL_START_IN_FUTURE" }));
  expect(begin("2026-01-01T00:00:00Z")).toBe("from 2026-01-01T00:00:00Z");
});

test("a clock that is a little ahead of this one wrote a moment that counts", () => {
  expect(begin("2026-12-01T00:00:59Z")).toBe("from 2026-12-01T00:00:59Z");
});
