import { expect, test } from "vitest";
import { planStart, type StartFacts } from "../src/plan-start.ts";

const nowMs = Date.parse("2026-06-01T00:00:00Z");
const at = (day: string) => Date.parse(`${day}T00:00:00Z`);
const plan = (facts: Partial<StartFacts> = {}) =>
  planStart({ storedAtMs: at("2026-05-31"), sinceMs: undefined, canSeed: true, readsRanges: true, nowMs, ...facts });

test("begins a day before the cursor was written, and reads the thirty days before that again", () => {
  expect(plan()).toEqual({
    type: "moment",
    since: "2026-05-30T00:00:00.000Z",
    reread: { since: "2026-04-30T00:00:00.000Z", until: "2026-05-30T00:00:00.000Z" },
  });
});

test("reads again from the moment that the operator names", () => {
  expect(plan({ sinceMs: at("2026-01-01") })).toMatchObject({
    since: "2026-05-30T00:00:00.000Z",
    reread: { since: "2026-01-01T00:00:00.000Z" },
  });
});

test("begins where the range does when the connector reads no ranges", () => {
  expect(plan({ readsRanges: false })).toEqual({ type: "moment", since: "2026-04-30T00:00:00.000Z" });
});

test("leaves no hole when the operator names a moment behind the cursor", () => {
  expect(plan({ storedAtMs: at("2026-05-10"), sinceMs: at("2026-05-31") })).toEqual({
    type: "moment",
    since: "2026-05-09T00:00:00.000Z",
  });
});

test("begins at the operator's moment when no cursor was stored", () => {
  expect(plan({ storedAtMs: undefined, sinceMs: at("2026-01-01") })).toEqual({
    type: "moment",
    since: "2026-01-01T00:00:00.000Z",
  });
});

test("begins at the beginning when nothing is known, or when the connector cannot begin elsewhere", () => {
  expect(plan({ storedAtMs: undefined })).toEqual({ type: "beginning" });
  expect(plan({ canSeed: false })).toEqual({ type: "beginning" });
});

test("takes no moment for later than now", () => {
  expect(plan({ storedAtMs: at("2030-01-01") })).toMatchObject({ since: "2026-05-31T00:00:00.000Z" });
});
