import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { isProviderError, type ProviderOptions, rateLimitRow } from "../../src/http/index.ts";
import type { HandClock } from "../hand-clock.ts";
import { clockAt2026, errorOf, nowMs, openClient, openProvider, type PlannedAnswer, startProvider } from "./start-provider.ts";

const run = () => new AbortController().signal;

/** A provider whose answers are held back until the test lets them go. */
async function heldProvider() {
  const held: (() => void)[] = [];
  const paths: string[] = [];
  const provider = await startProvider(({ url }, response) => {
    paths.push(url.slice(1));
    held.push(() => response.end("{}"));
    return undefined;
  });
  const release = () => held.shift()?.();
  const arrived = async (count: number) => {
    while (paths.length < count) await nextTurn();
  };
  return { provider, paths, release, arrived, inFlight: () => held.length };
}

/** Several entries with one token on one clock. */
function entries(url: string, clock: HandClock, options: Partial<ProviderOptions> = {}) {
  const authorize = () => ({ authorization: "Bearer shared" });
  return (count: number) => Array.from({ length: count }, () => openClient(url, { clock, authorize, ...options }).client);
}

async function limitedUntil(promise: Promise<unknown>) {
  const error = await errorOf(promise);
  if (!isProviderError(error, "rate_limited")) throw new Error(`${String(error)} was thrown`);
  return error;
}

describe("requests in flight", () => {
  test("are limited over all clients with the same credentials, which take turns", async () => {
    const { provider, paths, release, arrived, inFlight } = await heldProvider();
    const [greedy, modest] = entries(provider.url, clockAt2026(), { limits: { concurrency: 2 } })(2);
    const signal = run();
    const many = ["a1", "a2", "a3", "a4", "a5"].map((path) => greedy!.get(path, { signal }));
    await arrived(2);
    const few = ["b1", "b2"].map((path) => modest!.get(path, { signal }));
    let most = 0;
    for (let done = 1; done <= 7; done += 1) {
      await arrived(Math.min(done + 1, 7));
      most = Math.max(most, inFlight());
      release();
    }
    await Promise.all([...many, ...few]);
    expect(most).toBe(2);
    expect(paths.toSorted((left, right) => left.localeCompare(right))).toHaveLength(7);
    expect(Math.max(paths.indexOf("b1"), paths.indexOf("b2"))).toBeLessThan(paths.indexOf("a5"));
  });

  test("of other credentials and of other origins do not count", async () => {
    const { provider, release, arrived } = await heldProvider();
    const clock = clockAt2026();
    const limits = { concurrency: 1 };
    const signal = run();
    const pending = ["one", "two"].map((token) =>
      openClient(provider.url, { clock, limits, authorize: () => ({ authorization: token }) }).client.get(token, { signal }),
    );
    await arrived(2);
    release();
    release();
    expect(await Promise.all(pending)).toHaveLength(2);
  });

  test("are shared by an account whose tokens differ", async () => {
    const { provider, paths, release, arrived } = await heldProvider();
    const clock = clockAt2026();
    const signal = run();
    const pending = ["one", "two"].map((token) => {
      const authorize = { account: "client-1", headers: () => ({ authorization: token }) };
      return openClient(provider.url, { clock, limits: { concurrency: 1 }, authorize }).client.get(token, { signal });
    });
    await arrived(1);
    await nextTurn();
    expect(paths).toEqual(["one"]);
    release();
    await arrived(2);
    release();
    await Promise.all(pending);
  });

  test("that are aborted while they wait leave their place to others", async () => {
    const { provider, paths, release, arrived } = await heldProvider();
    const [client] = entries(provider.url, clockAt2026(), { limits: { concurrency: 1 } })(1);
    const controller = new AbortController();
    const first = client!.get("first", { signal: run() });
    await arrived(1);
    const aborted = errorOf(client!.get("aborted", { signal: controller.signal }));
    const last = client!.get("last", { signal: run() });
    await nextTurn();
    controller.abort(new Error("stop now"));
    expect(await aborted).toMatchObject({ message: "stop now" });
    release();
    await first;
    await arrived(2);
    release();
    await last;
    expect(paths).toEqual(["first", "last"]);
  });

  test("that fail give their place back", async () => {
    const { client } = await openProvider({ status: 500 }, { limits: { concurrency: 1 } });
    for (let at = 0; at < 5; at += 1) await errorOf(client.get("x", { signal: run() }));
    expect(await errorOf(client.get("x", { signal: run() }))).toMatchObject({ code: "ACME_UNAVAILABLE" });
  });
});

describe("a declared limit", () => {
  test("is waited for as long as the patience, and refused beyond it with the time to come back", async () => {
    const rate = { limit: { requests: 2, intervalMs: 60_000 } };
    const { provider, client, clock } = await openProvider({}, { rate });
    const signal = run();
    await client.get("1", { signal });
    await clock.advance(55_000);
    await client.get("2", { signal });
    const third = client.get("3", { signal });
    await nextTurn();
    expect(provider.seen.length).toBe(2);
    await clock.advance(5_000);
    await third;
    const error = await limitedUntil(client.get("4", { signal }));
    expect(error).toMatchObject({ code: "ACME_RATE_LIMITED", retryAtMs: nowMs + 115_000, retryable: true });
    expect(error.message).toContain("2 in 60 s are used up");
    expect(provider.seen.length).toBe(3);
  });

  test("never lets more requests begin in any interval, whatever the rhythm", async () => {
    const intervalMs = 1_000;
    const clock = clockAt2026();
    const begun: number[] = [];
    const fetch = () => {
      begun.push(clock.now());
      return Promise.resolve(new Response("{}"));
    };
    const { client } = openClient("http://acme.test", {
      clock,
      context: { clock, fetch },
      rate: { limit: { requests: 5, intervalMs } },
    });
    const signal = run();
    const pending: Promise<unknown>[] = [];
    for (let step = 0; step < 300; step += 1) {
      if (step % 3 !== 1) pending.push(client.get("x", { signal }).catch(() => undefined));
      await clock.advance((step * 37) % 190);
    }
    for (let step = 0; step < 100; step += 1) await clock.advance(200);
    await Promise.all(pending);
    expect(begun.length).toBeGreaterThan(50);
    for (const at of begun) expect(begun.filter((other) => other >= at && other < at + intervalMs).length).toBeLessThanOrEqual(5);
  });

  test("counts what each request costs, where the provider counts units", async () => {
    const rate = { limit: { requests: 100, intervalMs: 60_000 } };
    const { client, clock } = await openProvider({}, { rate });
    const signal = run();
    await client.get("message", { signal, cost: 60 });
    await clock.advance(30_000);
    await client.get("list", { signal, cost: 40 });
    expect(await limitedUntil(client.get("profile", { signal }))).toMatchObject({ retryAtMs: nowMs + 60_000 });
    await clock.advance(30_000);
    await client.get("message", { signal, cost: 60 });
    expect(await limitedUntil(client.get("profile", { signal }))).toMatchObject({ retryAtMs: nowMs + 90_000 });
  });

  test("lets a request that costs more than all of it begin in an empty interval", async () => {
    const { client, clock } = await openProvider({}, { rate: { limit: { requests: 10, intervalMs: 60_000 } } });
    await client.get("export", { signal: run(), cost: 50 });
    await limitedUntil(client.get("export", { signal: run(), cost: 50 }));
    await clock.advance(60_000);
    expect(await client.get("export", { signal: run(), cost: 50 })).toMatchObject({ status: 200 });
  });

  test("never lets more units begin in any interval, whatever they cost", async () => {
    const intervalMs = 1_000;
    const clock = clockAt2026();
    const begun: { readonly atMs: number; readonly cost: number }[] = [];
    const fetch = (input: string | URL | Request) => {
      begun.push({
        atMs: clock.now(),
        cost: Number(new URL(input instanceof Request ? input.url : input).searchParams.get("cost")),
      });
      return Promise.resolve(new Response("{}"));
    };
    const rate = { limit: { requests: 30, intervalMs } };
    const { client } = openClient("http://acme.test", { clock, context: { clock, fetch }, rate });
    const signal = run();
    const pending: Promise<unknown>[] = [];
    for (let step = 0; step < 300; step += 1) {
      const cost = 1 + ((step * 7) % 6);
      if (step % 3 !== 1) pending.push(client.get("x", { signal, cost, query: { cost } }).catch(() => undefined));
      await clock.advance((step * 37) % 190);
    }
    for (let step = 0; step < 100; step += 1) await clock.advance(200);
    await Promise.all(pending);
    expect(begun.length).toBeGreaterThan(50);
    for (const { atMs } of begun) {
      const within = begun.filter((other) => other.atMs >= atMs && other.atMs < atMs + intervalMs);
      expect(within.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(30);
    }
  });

  test("of a lane holds for that lane only, and gives its hint", async () => {
    const rate = { lanes: { history: { requests: 1, intervalMs: 60_000, hint: "create an internal app" } } };
    const { client } = await openProvider({}, { rate });
    const signal = run();
    await client.get("history", { signal, lane: "history" });
    expect(await limitedUntil(client.get("history", { signal, lane: "history" }))).toMatchObject({
      retryAtMs: nowMs + 60_000,
      hint: "create an internal app",
    });
    await client.get("users", { signal, lane: "users" });
    await client.get("users", { signal });
  });

  test("may be found out, for a while, and counts what was sent before", async () => {
    const { client, clock } = await openProvider({});
    const limit = { requests: 1, intervalMs: 60_000 };
    const signal = run();
    await client.get("history", { signal, lane: "history" });
    client.learnLimit("history", limit, 3_600_000);
    await limitedUntil(client.get("history", { signal, lane: "history" }));
    client.learnLimit("history", undefined, 0);
    await client.get("history", { signal, lane: "history" });
    client.learnLimit("history", limit, 30_000);
    await clock.advance(30_000);
    expect(await client.get("history", { signal, lane: "history" })).toMatchObject({ status: 200 });
  });

  test("is not stretched by a clock that is set back", async () => {
    const { client, clock } = await openProvider({}, { rate: { limit: { requests: 1, intervalMs: 60_000 } } });
    await client.get("x", { signal: run() });
    clock.nowMs -= 3_600_000;
    expect(await limitedUntil(client.get("x", { signal: run() }))).toMatchObject({ retryAtMs: clock.nowMs + 60_000 });
  });
});

describe("a pause that the provider requests", () => {
  const limited = (seconds: string): PlannedAnswer => ({ status: 429, headers: { "retry-after": seconds } });

  async function openLimited(seconds: string, options: Partial<ProviderOptions> = {}) {
    let answer: PlannedAnswer = {};
    const clock = clockAt2026();
    const provider = await startProvider(() => answer);
    const [first, second] = entries(provider.url, clock, options)(2);
    const plan = (next: PlannedAnswer) => (answer = next);
    const signal = run();
    await second!.get("warm", { signal });
    plan(limited(seconds));
    const error = await limitedUntil(first!.get("x", { signal }));
    plan({});
    return { clock, provider, first: first!, second: second!, signal, error, plan };
  }

  test("holds for every client with the same credentials, and for the rest of the run", async () => {
    const { clock, provider, first, second, signal, error } = await openLimited("600");
    expect(error.retryAtMs).toBe(nowMs + 600_000);
    expect(await limitedUntil(second.get("x", { signal: run() }))).toMatchObject({ retryAtMs: nowMs + 600_000 });
    await limitedUntil(first.get("x", { signal }));
    expect(provider.seen.length).toBe(2);
    await clock.advance(600_000);
    await second.get("x", { signal: run() });
  });

  test("spreads the other runs a little behind its end", async () => {
    const clock = clockAt2026();
    const context = { clock, fetch: globalThis.fetch, random: () => 0.5 };
    const { second } = await openLimited("600", { context });
    const { retryAtMs } = await limitedUntil(second.get("x", { signal: run() }));
    expect(retryAtMs).toBe(nowMs + 605_000);
  });

  test("is waited for where it is short", async () => {
    const { clock, second } = await openLimited("5");
    const waiting = second.get("x", { signal: run() });
    await nextTurn();
    await clock.advance(5_000);
    expect(await waiting).toMatchObject({ status: 200 });
  });

  test("ends when a later run of the same entry finds that it is over", async () => {
    const { first, second } = await openLimited("600");
    await first.get("x", { signal: run() });
    expect(await second.get("x", { signal: run() })).toMatchObject({ status: 200 });
  });

  test("continues when that run finds out nothing, or the same again", async () => {
    const { first, second, plan, provider } = await openLimited("600");
    plan({ status: 500 });
    await errorOf(first.get("x", { signal: run() }));
    await limitedUntil(second.get("x", { signal: run() }));
    plan(limited("900"));
    await limitedUntil(first.get("x", { signal: run() }));
    plan({});
    expect(await limitedUntil(second.get("x", { signal: run() }))).toMatchObject({ retryAtMs: nowMs + 900_000 });
    expect(provider.seen.length).toBe(4);
  });

  test.each(["86400", "999999999999", "Tue, 01 Jan 2099 00:00:00 GMT"])(
    "of %s parks the other runs for little more than an hour, because one hostile answer must not stop them all",
    async (seconds) => {
      const { error, second } = await openLimited(seconds);
      expect(error.retryAtMs).toBe(nowMs + 86_400_000);
      const { retryAtMs } = await limitedUntil(second.get("x", { signal: run() }));
      expect(retryAtMs).toBeLessThanOrEqual(nowMs + 3_605_000);
    },
  );

  test("is not stretched by a clock that is set back", async () => {
    const { clock, second } = await openLimited("600");
    clock.nowMs -= 86_400_000;
    const { retryAtMs } = await limitedUntil(second.get("x", { signal: run() }));
    expect(retryAtMs).toBe(clock.nowMs + 600_000);
  });

  test("of a lane holds for that lane, and one of every lane for all", async () => {
    const answers = [{ status: 403, is: "rate_limited", everyLane: true } as const];
    let answer: PlannedAnswer = limited("600");
    const { client, provider } = await openProvider(() => answer, { answers });
    const signal = run();
    await limitedUntil(client.get("x", { signal, lane: "search" }));
    answer = {};
    await client.get("x", { signal, lane: "core" });
    await limitedUntil(client.get("x", { signal, lane: "search" }));
    answer = { status: 403, headers: { "retry-after": "600" } };
    await limitedUntil(client.get("x", { signal, lane: "core" }));
    await limitedUntil(client.get("x", { signal, lane: "other" }));
    expect(provider.seen.length).toBe(3);
  });
});

describe("headers of a success", () => {
  const names = { remaining: "x-left", reset: "x-reset" } as const;
  const used = (left: string, resetMs: number) => ({ headers: { "x-left": left, "x-reset": String(resetMs / 1_000) }, body: {} });

  test("that say that nothing is left spare the request that would be refused", async () => {
    const { provider, client, clock } = await openProvider(used("0", nowMs + 600_000), { rate: { headers: names } });
    const signal = run();
    await client.get("x", { signal });
    expect(await limitedUntil(client.get("x", { signal }))).toMatchObject({ retryAtMs: nowMs + 601_000 });
    await clock.advance(601_000);
    await client.get("x", { signal });
    expect(provider.seen.length).toBe(2);
  });

  test.each([
    ["some are left", used("1", nowMs + 600_000)],
    ["the count is no number", used("none", nowMs + 600_000)],
    ["the count is negative", used("-5", nowMs + 600_000)],
    ["the reset has passed", used("0", nowMs - 600_000)],
    ["there is no reset", { headers: { "x-left": "0" }, body: {} }],
  ])("hold nothing up where %s", async (_, plan) => {
    const { client, clock, provider } = await openProvider(plan, { rate: { headers: names } });
    const signal = run();
    await client.get("x", { signal });
    const second = client.get("x", { signal });
    await nextTurn();
    await clock.advance(1_000);
    await second;
    expect(provider.seen.length).toBe(2);
  });

  test("leave a reserve to other programs, and wait as declared where no header says how long", async () => {
    const rate = { headers: { remaining: "x-left", reserve: 20, defaultWaitMs: 30_000 } };
    const { client } = await openProvider({ headers: { "x-left": "20" }, body: {} }, { rate });
    const signal = run();
    await client.get("x", { signal });
    expect(await limitedUntil(client.get("x", { signal }))).toMatchObject({ retryAtMs: nowMs + 30_000 });
  });

  test("do not make a refusal a limit, nor an outage a named wait, in what is reserved", async () => {
    const rate = { headers: { ...names, reserve: 20 } };
    for (const [status, situation] of [
      [403, "forbidden"],
      [500, "unavailable"],
    ] as const) {
      const headers = { "x-left": "5", "x-reset": String(nowMs / 1_000 + 600) };
      const { client } = await openProvider({ status, headers }, { rate, answers: [rateLimitRow({ status: 403 })] });
      const error = await errorOf(client.get("x", { signal: run() }));
      expect(error).toMatchObject({ situation, retryAtMs: undefined });
    }
  });

  test("of a provider in 2036 park nothing", async () => {
    const plan = used("0", Date.UTC(2036, 0, 2));
    const headers = { ...plan.headers, date: "Tue, 01 Jan 2036 00:00:00 GMT" };
    const { client } = await openProvider({ ...plan, headers }, { rate: { headers: names } });
    const signal = run();
    await client.get("x", { signal });
    const { retryAtMs } = await limitedUntil(client.get("x", { signal }));
    expect(retryAtMs).toBeLessThanOrEqual(nowMs + 3_605_000);
  });
});
