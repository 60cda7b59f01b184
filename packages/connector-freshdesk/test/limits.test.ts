import type { ConnectorsError, PullSource } from "@statewave-connectors/connector-sdk";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { minuteMs, openSource } from "./open-source.ts";

const signal = () => new AbortController().signal;

interface Outcome {
  readonly keys: ReadonlySet<string>;
  readonly errors: readonly ConnectorsError[];
  readonly cursor: string | undefined;
}

/** Runs until the end, each time at the moment that a limit names, as the runner does. */
async function readUnderLimit(source: PullSource, clock: FakeClock, mostRuns: number): Promise<Outcome> {
  const keys = new Set<string>();
  const errors: ConnectorsError[] = [];
  let cursor: string | undefined;
  for (let run = 0; run < mostRuns; run += 1) {
    try {
      for await (const page of source.pages(cursor, signal())) {
        for (const { idempotency_key: key } of page.episodes) keys.add(key);
        cursor = page.cursor ?? cursor;
      }
      return { keys, errors, cursor };
    } catch (error) {
      if (!isConnectorsError(error)) throw error;
      errors.push(error);
      clock.set(Math.max(clock.now(), error.retryAtMs ?? clock.now() + minuteMs));
    }
  }
  throw new Error(`not read whole within ${mostRuns} runs`);
}

test.each([
  ["a trial account", { perMinute: 50 }, 20],
  ["the plan Growth", { perMinute: 200, listsPerMinute: 20 }, 4],
  ["the plan Enterprise", { perMinute: 700, listsPerMinute: 200 }, 2],
])("%s is read whole, a minute behind each limit, and a tenth is left to others", async (_, limit, mostRuns) => {
  const { fake, clock, source } = await openSource({ tickets: 400, replies: 1, agents: 1, limit });
  const { keys, errors } = await readUnderLimit(source, clock, mostRuns);

  expect(keys.size).toBe(800);
  expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(errors.length === 0 ? [] : ["FRESHDESK_RATE_LIMITED"]));
  // Each run requests the list again that it was cut off in.
  expect(fake.requestCount).toBeLessThanOrEqual(400 + 5 + 2 + errors.length * 12);
});

test("an old account, whose limit is by the hour, is read whole", async () => {
  const limit = { perMinute: 100 };
  const { clock, source } = await openSource({ tickets: 120, replies: 1, agents: 1, limit, timeScale: 1 / 60 });
  const { keys } = await readUnderLimit(source, clock, 150);
  expect(keys.size).toBe(240);
});

test("the reserve ends a run before Freshdesk refuses anything", async () => {
  const { fake, source, clock } = await openSource({
    tickets: 120,
    replies: 1,
    limit: { perMinute: 100 },
    entry: { api_reserve: 50 },
  });
  const run = async () => {
    for await (const page of source.pages(undefined, signal())) void page;
  };
  await expect(run()).rejects.toMatchObject({ code: "FRESHDESK_RATE_LIMITED", retryAtMs: clock.now() + minuteMs });
  // 7 credits of the list, and single ones until 50 are left; four more may be in flight.
  expect(fake.requestCount).toBeGreaterThanOrEqual(44);
  expect(fake.requestCount).toBeLessThanOrEqual(48);
});

test("a limit of the list of tickets alone keeps no other request from being made, and ratings are read behind it", async () => {
  const { fake, clock, source } = await openSource({
    tickets: 250,
    entry: { conversations: false },
    limit: { perMinute: 1_000, listsPerMinute: 1 },
  });
  fake.desk.rate(3, 103, "Thanks", { created_at: "2025-12-30T00:00:00Z" });
  // A request of another run would try whether the limit has ended.
  const same = signal();
  const run = async () => {
    for await (const page of source.pages(undefined, same)) void page;
  };
  await expect(run()).rejects.toMatchObject({ code: "FRESHDESK_RATE_LIMITED" });
  expect(await source.fetchItem?.("tickets/3", same)).toMatchObject({ of: "ticket" });

  const { keys } = await readUnderLimit(source, clock, 5);
  expect(keys.size).toBe(250 + 1);
});
