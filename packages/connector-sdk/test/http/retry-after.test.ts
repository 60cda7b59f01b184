import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isProviderError, type RateHeaders } from "../../src/http/index.ts";
import { errorOf, nowMs, openProvider, signal } from "./start-provider.ts";

const http = (ms: number) => new Date(ms).toUTCString();
const dayMs = 86_400_000;

async function waitOf(headers: Record<string, string>, names: RateHeaders = {}) {
  const { client } = await openProvider(
    { status: 429, headers: { date: http(nowMs), ...headers } },
    { rate: { headers: names } },
  );
  const error = await errorOf(client.get("x", { signal }));
  if (!isProviderError(error, "rate_limited")) throw new Error(`${String(error)} was thrown`);
  expect(error.message).toContain(`again after ${new Date(error.retryAtMs ?? 0).toISOString()}`);
  return (error.retryAtMs ?? 0) - nowMs;
}

test.each<[string, number]>([
  ["17", 17_000],
  [" 17 ", 17_000],
  ["1.5", 1_000],
  ["120, 120", 120_000],
  ["60,120", 120_000],
  ["0", 1_000],
  ["86400", dayMs],
  ["86401", dayMs],
  ["99999999999999999999999999", dayMs],
  ["1e99", 60_000],
  ["-1", 60_000],
  ["Infinity", 60_000],
  ["0x10", 60_000],
  ["", 60_000],
  ["soon", 60_000],
  ["soon, 5", 60_000],
  ["Sunday", 60_000],
  [http(nowMs + 90_000), 90_000],
  [http(nowMs - 90_000), 1_000],
  [http(0), 1_000],
  [http(Date.UTC(2099, 0)), dayMs],
  ["Thursday, 01-Jan-26 00:01:30 GMT", 90_000],
  ["2026-01-01T00:01:30Z", 90_000],
])("Retry-After %j means a wait of %i ms", async (header, waitMs) => {
  expect(await waitOf({ "retry-after": header })).toBe(waitMs);
});

describe.each(["America/New_York", "Asia/Tokyo"])("on a machine in %s", (zone) => {
  beforeEach(() => void vi.stubEnv("TZ", zone));
  afterEach(() => void vi.unstubAllEnvs());

  test.each(["Thu Jan  1 00:01:30 2026", "Thu, 01 Jan 2026 00:01:30", "2026-01-01T00:01:30", "2026-01-01T00:01:30.000"])(
    "Retry-After %j, which names no zone, is in GMT",
    async (header) => {
      expect(new Date(nowMs).getTimezoneOffset(), "the zone is in force").not.toBe(0);
      expect(await waitOf({ "retry-after": header })).toBe(90_000);
    },
  );

  test.each(["2026-01-01T01:01:30+01:00", "Wed, 31 Dec 2025 19:01:30 EST", "Wed, 31 Dec 2025 19:01:30 -0500"])(
    "Retry-After %j keeps its zone",
    async (header) => {
      expect(await waitOf({ "retry-after": header })).toBe(90_000);
    },
  );
});

test("a limit that names no time is waited for a minute, or as long as declared", async () => {
  expect(await waitOf({})).toBe(60_000);
  expect(await waitOf({}, { defaultWaitMs: 5_000 })).toBe(5_000);
});

describe("instants", () => {
  test.each([
    ["is measured on the provider's clock when ours is minutes off", nowMs + 600_000, nowMs + 690_000, 90_000],
    ["is measured on the provider's clock when ours is years off", nowMs + 4_000 * dayMs, nowMs + 4_000 * dayMs + 90_000, 90_000],
    ["is measured on ours when the provider's clock is in 2036", Date.UTC(2036, 0), nowMs + 90_000, 90_000],
    ["is measured on ours when the provider's clock is in 1970", 0, nowMs + 90_000, 90_000],
  ])("a date %s", async (_, dateMs, atMs, waitMs) => {
    expect(await waitOf({ date: http(dateMs), "retry-after": http(atMs) })).toBe(waitMs);
  });
});

describe("reset headers", () => {
  const names = { remaining: "x-left", reset: "x-reset" } as const;

  test.each<[string, RateHeaders, Record<string, string>, number]>([
    ["epoch seconds", names, { "x-left": "0", "x-reset": String(nowMs / 1_000 + 600) }, 601_000],
    ["epoch milliseconds", { ...names, resetUnit: "epoch_ms" }, { "x-left": "0", "x-reset": String(nowMs + 600_000) }, 601_000],
    ["seconds from now", { ...names, resetUnit: "seconds" }, { "x-left": "0", "x-reset": "600" }, 600_000],
    ["nothing, where requests are left", names, { "x-left": "5", "x-reset": String(nowMs / 1_000 + 600) }, 60_000],
    ["a reserve as nothing left", { ...names, reserve: 5 }, { "x-left": "5", "x-reset": String(nowMs / 1_000 + 600) }, 601_000],
    [
      "a share of the limit as nothing left",
      { ...names, limit: "x-all", reserveShare: 0.1 },
      { "x-all": "200", "x-left": "20", "x-reset": String(nowMs / 1_000 + 600) },
      601_000,
    ],
    [
      "nothing, where more than the share is left",
      { ...names, limit: "x-all", reserveShare: 0.1 },
      { "x-all": "200", "x-left": "21", "x-reset": String(nowMs / 1_000 + 600) },
      60_000,
    ],
    ["Retry-After first", names, { "x-left": "0", "x-reset": String(nowMs / 1_000 + 600), "retry-after": "5" }, 5_000],
    ["a reset that has passed", names, { "x-left": "0", "x-reset": String(nowMs / 1_000 - 600) }, 1_000],
    ["a reset in 2099", names, { "x-left": "0", "x-reset": String(Date.UTC(2099, 0) / 1_000) }, dayMs],
    ["garbage", names, { "x-left": "none", "x-reset": "later" }, 60_000],
  ])("are read as %s", async (_, rate, headers, waitMs) => {
    expect(await waitOf(headers, rate)).toBe(waitMs);
  });
});
