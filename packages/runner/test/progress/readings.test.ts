import { type Page, type PullSource, sleep } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { Readings, storedReadings } from "../../src/progress/readings.ts";
import { numberedEpisode, pullWorld, type PullWorldOptions } from "../pull/pull-fixture.ts";

const secondMs = 1_000;
const hourMs = 60 * 60_000;

/** A source of pages that take five seconds each. */
function slowSource(clock: FakeClock, pages: number, progressOf: (left: number) => Page["progress"]): PullSource {
  return {
    async *pages(cursor, signal) {
      for (let at = Number(cursor ?? 0); at < pages; at += 1) {
        await sleep(clock, 5 * secondMs, signal);
        const progress = progressOf(pages - at - 1);
        yield { episodes: [numberedEpisode(at)], cursor: String(at + 1), ...(progress !== undefined && { progress }) };
      }
    },
  };
}

/** A process that reads the source `a`, and what it logs of its reading. */
function reading(options: Omit<PullWorldOptions, "sources"> & { readonly pages: number; readonly isCounted?: boolean }) {
  const { pages, isCounted = true, clock = new FakeClock(), store = new InMemoryPullCursorStore({ clock }), ...rest } = options;
  const lines: Readonly<Record<string, unknown>>[] = [];
  const info = (message: string, facts: Readonly<Record<string, unknown>> = {}) =>
    void (message === "reading in progress" && lines.push(facts));
  const { records } = store;
  const source = slowSource(clock, pages, (itemsLeft) => (isCounted ? { itemsLeft } : undefined));
  const world = pullWorld({ ...rest, clock, store, sources: { a: source }, logger: { ...silentLogger, info } });
  const stored = async () => (records === undefined ? undefined : (await storedReadings(records)).get("demo/a"));
  const scopes = async () => (await records?.scopes()) ?? [];
  return { ...world, lines, stored, scopes };
}

test("a long reading is stored while it lasts, logged once a minute, and forgotten at its end", async () => {
  const { scheduler, pass, stored, lines, received } = reading({ pages: 60 });
  await scheduler.start();
  await pass(hourMs);
  await pass(150 * secondMs);
  const during = await stored();
  expect(during).toMatchObject({ by: "count", leftAtStart: 59 });
  expect(during?.left).toBeLessThan(45);
  expect(lines.length).toBe(2);
  expect(lines[0]).toMatchObject({ source: "demo/a", estimated_by: "count", run_id: expect.any(String) as string });
  await pass(300 * secondMs);
  expect(received).toHaveLength(60);
  expect(await stored()).toBeUndefined();
});

test("another process continues the estimate of one that ended", async () => {
  const first = reading({ pages: 60 });
  await first.scheduler.start();
  await first.pass(hourMs);
  await first.pass(100 * secondMs);
  const before = await first.stored();
  await first.scheduler.stop(AbortSignal.abort());
  const second = reading({ pages: 60, clock: first.clock, store: first.store });
  await second.scheduler.start();
  await second.pass(60 * secondMs);
  const after = await second.stored();
  expect(after?.leftAtStart).toBe(before?.leftAtStart);
  expect(after?.left).toBeLessThan(before?.left ?? 0);
  expect(after?.activeMs).toBeGreaterThan(before?.activeMs ?? 0);
});

test("a reading of a few seconds is neither stored nor logged", async () => {
  const { scheduler, pass, scopes, lines } = reading({ pages: 2 });
  await scheduler.start();
  await pass(hourMs);
  await pass(30 * secondMs);
  expect(await scopes()).not.toContain("readings");
  expect(lines).toEqual([]);
});

test("a source whose connector reports nothing is neither stored nor logged", async () => {
  const { scheduler, pass, scopes, lines, received } = reading({ pages: 60, isCounted: false });
  await scheduler.start();
  await pass(hourMs);
  await pass(400 * secondMs);
  expect(received).toHaveLength(60);
  expect(await scopes()).not.toContain("readings");
  expect(lines).toEqual([]);
});

test("the record of a process that died is not continued once its source was read to the end", async () => {
  const clock = new FakeClock();
  const { records } = new InMemoryPullCursorStore({ clock });
  const run = { source: { kind: "demo", name: "a" }, runId: "run" };
  const reachedBy = async (readings: Readings, counts: readonly number[]) => {
    for (const itemsLeft of counts) {
      readings.reached(run, { itemsLeft });
      await clock.advance(11 * secondMs);
    }
  };
  await reachedBy(new Readings({ records, clock, logger: silentLogger }), [1_000, 400]);
  const next = new Readings({ records, clock, logger: silentLogger });
  next.reached(run, { itemsLeft: 5 });
  await next.finish(run);
  await clock.advance(hourMs);
  await reachedBy(next, [50, 40]);
  expect((await storedReadings(records)).get("demo/a")).toMatchObject({ leftAtStart: 50, left: 40, activeMs: 11 * secondMs });
});
