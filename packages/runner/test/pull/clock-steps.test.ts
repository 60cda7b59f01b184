import { ConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { type CursorStore, CursorTable, type SourceRow } from "@statewave-connectors/connector-sdk/store";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { NumberedSource, pullWorld } from "./pull-fixture.ts";

const one = { kind: "demo", name: "one" };
const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const decadeMs = 10 * 365 * 24 * hourMs;

function recordingLogger(): { readonly logger: Logger; readonly warnings: string[] } {
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message), child: () => logger };
  return { logger, warnings };
}

/** A store on a server whose clock is right, whatever that of this machine shows. */
function serverStore(clock: FakeClock): CursorStore {
  const table = new CursorTable(new Map<string, SourceRow>());
  const startMs = clock.now() - clock.elapsed();
  const now = () => startMs + clock.elapsed();
  return {
    durability: "kept by a server, in a test",
    get: async (source) => table.get(source),
    set: async (source, cursor) => table.set(source, cursor, now()),
    delete: async (source) => table.delete(source),
    list: async () => table.list(now()),
    acquire: async (requests, limit) => table.acquire(requests, now(), limit),
    renew: async (leases, ttlMs) => table.renew(leases, ttlMs, now()),
    checkpoint: async (lease, cursor) => table.checkpoint(lease, cursor, now()),
    release: async (lease, outcome) => table.release(lease, outcome, now()),
    close: async () => undefined,
  };
}

const steps = [-7 * secondMs, -minuteMs, -hourMs, -36 * hourMs, -decadeMs, minuteMs, hourMs, 36 * hourMs, decadeMs];
const schedules: readonly (readonly [string, number])[] = [
  ["every 10s", 10 * secondMs],
  ["every 10m", 10 * minuteMs],
  ["*/15 * * * *", 15 * minuteMs],
];

describe.each(schedules)("a source that is read %s", (schedule, intervalMs) => {
  test.each(steps)(
    "runs within an interval after the clock was set by %d ms while its timer was armed, and continues",
    async (byMs) => {
      const source = new NumberedSource(3);
      const { logger, warnings } = recordingLogger();
      const world = pullWorld({ sources: { one: source }, schedule, logger });
      await world.scheduler.start();
      await world.pass(2 * intervalMs + secondMs);
      const before = source.runs.length;
      expect(before).toBeGreaterThan(0);
      world.clock.set(world.clock.now() + byMs);
      await world.pass(Math.max(intervalMs, 30 * secondMs) + 2 * secondMs);
      expect(source.runs.length).toBeGreaterThan(before);
      const after = source.runs.length;
      await world.pass(4 * intervalMs);
      expect(source.runs.length).toBeGreaterThanOrEqual(after + 3);
      expect(source.runs.length).toBeLessThanOrEqual(after + 6);
      expect(warnings.filter((text) => text.startsWith("the clock was set"))).toHaveLength(1);
    },
  );

  test.each([-hourMs, hourMs])(
    "is read at the store's pace when this machine's clock is set by %d ms and the store's is not",
    async (byMs) => {
      const source = new NumberedSource(3);
      const clock = new FakeClock();
      const { logger, warnings } = recordingLogger();
      const world = pullWorld({ sources: { one: source }, schedule, logger, clock, store: serverStore(clock) });
      const { pass } = world;
      await world.scheduler.start();
      await pass(2 * intervalMs + secondMs);
      const before = source.runs.length;
      world.clock.set(world.clock.now() + byMs);
      await pass(2 * intervalMs + minuteMs);
      expect(source.runs.length).toBeGreaterThan(before);
      const after = source.runs.length;
      await pass(4 * intervalMs);
      expect(source.runs.length).toBeGreaterThanOrEqual(after + 3);
      expect(world.scheduler.clockTrouble).toMatch(
        byMs > 0 ? /clock is about \d+ s ahead of the store's/ : /clock is about \d+ s behind the store's/,
      );
      expect(warnings.filter((text) => text.includes("differ")).length).toBeLessThan(20);
    },
    300_000,
  );
});

test("dues that a step forward has passed over count as missed, and the latest of them is run", async () => {
  const world = pullWorld({ sources: { one: new NumberedSource(3) }, schedule: "*/10 * * * *" });
  await world.scheduler.start();
  await world.pass(5 * minuteMs);
  world.clock.set(world.clock.now() + hourMs);
  await world.pass(minuteMs);
  expect(world.dues).toEqual(["one missed 5", "one run 1"]);
});

test("a run that waits for its provider is resumed in its time after the clock was set back, and not an hour later", async () => {
  const source = new NumberedSource(6);
  const world = pullWorld({ sources: { one: source }, schedule: "every 1h" });
  let isLimited = true;
  source.beforePage = async (first) => {
    if (first !== 3 || !isLimited) return;
    isLimited = false;
    const retryAtMs = world.clock.now() + 2 * minuteMs;
    throw new ConnectorsError({ code: "DEMO_RATE_LIMITED", message: "slow down", retryAtMs });
  };
  await world.scheduler.start();
  while (source.runs.length === 0) await world.pass(minuteMs);
  world.clock.set(world.clock.now() - 30 * minuteMs);
  await world.pass(3 * minuteMs);
  expect(source.runs).toEqual([undefined, "3"]);
});

test.each([-hourMs, hourMs])(
  "a run that is under way while the clock is set by %d ms keeps its lease and its deadline",
  async (byMs) => {
    const source = new NumberedSource(9);
    const world = pullWorld({
      sources: { one: source, two: new NumberedSource(3) },
      schedule: "every 10m",
      maxConcurrentSyncs: 2,
    });
    const gate = Promise.withResolvers<void>();
    source.beforePage = (first) => (first === 3 && source.runs.length === 1 ? gate.promise : Promise.resolve());
    await world.scheduler.start();
    while (source.runs.length === 0) await world.pass(10 * secondMs);
    world.clock.set(world.clock.now() + byMs);
    void world.scheduler.runForPerson({ kind: "demo", name: "two" });
    await world.pass(2 * minuteMs);
    gate.resolve();
    await world.pass(5 * secondMs);
    expect(world.failures).toEqual([]);
    expect(await world.store.get(one)).toBe("9");
  },
);

describe("a start with what a clock that was ahead has left", () => {
  test.each([2 * hourMs, decadeMs])(
    "of %d ms runs within an interval, and reports it once in the log and in the health",
    async (byMs) => {
      const clock = new FakeClock();
      const ahead = pullWorld({ sources: { one: new NumberedSource(3) }, schedule: "every 1m", clock });
      clock.set(clock.now() + byMs);
      await ahead.scheduler.start();
      await ahead.pass(2 * minuteMs);
      await ahead.scheduler.stop(AbortSignal.abort());
      clock.set(clock.now() - byMs);

      const source = new NumberedSource(6);
      const { logger, warnings } = recordingLogger();
      const world = pullWorld({ sources: { one: source }, schedule: "every 1m", clock, store: ahead.store, logger });
      await world.scheduler.start();
      expect(world.scheduler.clockTrouble).toMatch(/^a stored time of demo\/one lies in the future \(20\d\d-/);
      await world.pass(minuteMs + secondMs);
      expect(source.runs).toEqual(["3"]);
      await world.pass(2 * minuteMs);
      expect(source.runs).toHaveLength(3);
      expect(world.scheduler.clockTrouble).toBeUndefined();
      expect(warnings.filter((text) => text.includes("lie in the future"))).toHaveLength(1);
    },
  );

  test("resumes an unfinished run of 2036 at once", async () => {
    const clock = new FakeClock();
    const failing = new NumberedSource(6);
    failing.beforePage = async (first) => {
      if (first === 3) throw new ConnectorsError({ code: "DEMO_DOWN", message: "down", retryable: true });
    };
    const ahead = pullWorld({ sources: { one: failing }, schedule: "every 1h", clock });
    clock.set(clock.now() + decadeMs);
    await ahead.scheduler.start();
    await ahead.pass(hourMs);
    expect(failing.runs.length).toBeGreaterThan(0);
    await ahead.scheduler.stop(AbortSignal.abort());
    clock.set(clock.now() - decadeMs);

    const source = new NumberedSource(6);
    const world = pullWorld({ sources: { one: source }, schedule: "every 1h", clock, store: ahead.store });
    await world.scheduler.start();
    await world.pass(minuteMs);
    expect(source.runs).toEqual(["3"]);
  });
});
