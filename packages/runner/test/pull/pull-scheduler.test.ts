import { setImmediate as nextTurn } from "node:timers/promises";
import { ConnectorsError, sleep } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { keepingLogger } from "../health/logging.ts";
import { NumberedSource, pullWorld } from "./pull-fixture.ts";

const one = { kind: "demo", name: "one" };
const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
// The clock starts on a full hour, which is a due that has passed.
const numbers = (first: number, count: number) => Array.from({ length: count }, (_, index) => `number ${first + index}`);

describe("schedules", () => {
  test("fire nothing at start and the first due one interval later", async () => {
    const world = pullWorld({ sources: { one: new NumberedSource(4) } });
    await world.scheduler.start();
    await world.pass(hourMs - 1);
    expect(world.received).toEqual([]);
    await world.pass(secondMs);
    expect(world.received).toEqual(numbers(0, 4));
    expect(await world.store.get(one)).toBe("4");
    expect(world.dues).toEqual(["one run 1"]);
  });

  test("deliver only what is new at the second run", async () => {
    const source = new NumberedSource(4);
    const world = pullWorld({ sources: { one: source } });
    await world.scheduler.start();
    await world.pass(hourMs + secondMs);
    source.count = 6;
    await world.pass(hourMs);
    expect(world.received).toEqual(numbers(0, 6));
    expect(source.runs).toEqual([undefined, "4"]);
  });

  test("skip and count a due that comes while the run before is not over", async () => {
    const source = new NumberedSource(3);
    const gate = Promise.withResolvers<void>();
    source.beforePage = () => gate.promise;
    const world = pullWorld({ sources: { one: source }, schedule: "every 1m" });
    await world.scheduler.start();
    await world.pass(3 * minuteMs);
    expect(source.runs).toHaveLength(1);
    gate.resolve();
    await world.pass(minuteMs);
    expect(source.runs.length).toBeLessThanOrEqual(2);
    expect(world.dues.slice(0, 3)).toEqual(["one run 1", "one skipped 1", "one skipped 1"]);
  });

  test("make up for what passed while no process ran, once", async () => {
    const before = pullWorld({ sources: { one: new NumberedSource(3) } });
    await before.scheduler.start();
    await before.pass(hourMs + secondMs);
    await before.scheduler.stop(AbortSignal.abort());
    await before.pass(5 * hourMs);

    const source = new NumberedSource(5);
    const after = pullWorld({ sources: { one: source }, clock: before.clock, store: before.store });
    await after.scheduler.start();
    await after.pass(minuteMs);
    expect(source.runs).toEqual(["3"]);
    expect(after.dues).toEqual(["one missed 4", "one caught_up 1"]);
  });

  test("hold no more syncs at a time than allowed, and run all", async () => {
    let running = 0;
    let most = 0;
    const sources = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => {
        const source = new NumberedSource(1);
        source.beforePage = async () => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
        };
        return [`s${index}`, source];
      }),
    );
    const world = pullWorld({ sources, maxConcurrentSyncs: 3 });
    await world.scheduler.start();
    await world.pass(hourMs);
    await world.pass(5 * secondMs);
    expect(world.received).toHaveLength(10);
    expect(most).toBeLessThanOrEqual(3);
    expect(most).toBeGreaterThan(1);
  });
});

describe("a failed page", () => {
  test("never moves the cursor past what the sink refused to take", async () => {
    const world = pullWorld({
      sources: { one: new NumberedSource(9) },
      ingest: async (texts) => {
        if (texts.includes("number 4")) throw new ConnectorsError({ code: "TEST_DOWN", message: "down", retryable: true });
      },
    });
    await world.scheduler.start();
    await world.pass(hourMs + 10 * minuteMs);
    expect(await world.store.get(one)).toBe("3");
    expect(world.received).toEqual(expect.not.arrayContaining(["number 4"]));
  });

  test("a rate limit keeps the cursor, and the run resumes at the provider's time", async () => {
    const source = new NumberedSource(6);
    const world = pullWorld({ sources: { one: source }, schedule: "0 0 1 * *" });
    let limited = true;
    source.beforePage = async (first) => {
      if (first !== 3 || !limited) return;
      limited = false;
      const retryAtMs = world.clock.now() + 20 * minuteMs;
      throw new ConnectorsError({ code: "DEMO_RATE_LIMITED", message: "slow down", retryAtMs });
    };
    await world.scheduler.start();
    await world.pass(31 * 24 * hourMs + secondMs);
    expect(await world.store.get(one)).toBe("3");
    expect(world.failures).toEqual(["one sync"]);
    await world.pass(20 * minuteMs - 2 * secondMs);
    expect(source.runs).toHaveLength(1);
    await world.pass(3 * secondMs);
    expect(world.received).toEqual(numbers(0, 6));
    expect(source.runs).toEqual([undefined, "3"]);
    expect(world.dues).toEqual(["one run 1"]);
  });

  test("of a provider that wants a pause is logged as a warning, and any other failure as an error", async () => {
    const { logger, lines } = keepingLogger();
    const source = new NumberedSource(3);
    const world = pullWorld({ sources: { one: source }, schedule: "every 1h", logger });
    source.beforePage = async () => {
      const retryAtMs = source.runs.length === 1 ? world.clock.now() + 10 * minuteMs : undefined;
      throw new ConnectorsError({ code: "DEMO_FAILED", message: "no", ...(retryAtMs && { retryAtMs }) });
    };
    await world.scheduler.start();
    await world.pass(hourMs + 15 * minuteMs);
    const message = "run failed while it read the source";
    expect(lines.filter((line) => line.message === message).map(({ level }) => level)).toEqual(["warn", "error"]);
  });

  test("of a source that never answers ends at sync_timeout and wedges nothing", async () => {
    const source = new NumberedSource(6);
    source.beforePage = (first) => (first === 3 && source.runs.length === 1 ? new Promise(() => undefined) : Promise.resolve());
    const world = pullWorld({ sources: { one: source } });
    await world.scheduler.start();
    await world.pass(hourMs + 6 * minuteMs);
    expect(world.failures).toEqual(["one sync"]);
    expect(world.received).toEqual(numbers(0, 6));
  });
});

test("a source whose provider wants a pause of a year is read again after a day, and the log says so", async () => {
  const source = new NumberedSource(3);
  source.beforePage = async () => {
    if (source.runs.length > 1) return;
    const retryAtMs = world.clock.now() + 365 * 24 * hourMs;
    throw new ConnectorsError({ code: "DEMO_RATE_LIMITED", message: "slow down", retryAtMs });
  };
  const { logger, lines } = keepingLogger();
  const world = pullWorld({ sources: { one: source }, logger });
  await world.scheduler.start();
  await world.pass(hourMs + minuteMs);
  expect(lines.map(({ message }) => message)).toContain(
    "a provider wants a pause of more than a day; its source is read again after a day",
  );
  await world.pass(25 * hourMs);
  expect(world.received).toEqual(numbers(0, 3));
});

test.each([undefined, null, "text", { code: 5 }])("a source that throws %o fails its run with an error", async (thrown) => {
  const source = new NumberedSource(3);
  source.beforePage = () => Promise.reject(thrown);
  const { logger, lines } = keepingLogger();
  const world = pullWorld({ sources: { one: source }, logger });
  await world.scheduler.start();
  await world.pass(hourMs + secondMs);
  expect(world.errors).toMatchObject([{ code: "RUNNER_CONNECTOR_DEFECT" }]);
  const failure = lines.find(({ level }) => level === "error");
  expect(failure?.fields).toMatchObject({ error: { code: "RUNNER_CONNECTOR_DEFECT" } });
});

describe("a lease", () => {
  test("that was lost ends the run: what it read then is neither delivered nor checkpointed", async () => {
    const source = new NumberedSource(9);
    const world = pullWorld({ sources: { one: source } });
    source.beforePage = async (first) => {
      if (first === 3 && source.runs.length === 1) await world.store.set(one, "9");
    };
    await world.scheduler.start();
    await world.pass(hourMs + minuteMs);
    expect(await world.store.get(one)).toBe("9");
    expect(world.received).not.toContain("number 6");
    expect(world.failures).toEqual(["one ingest"]);
  });

  test("that was lost ends the run at once, also while its checkpoint hangs, which moves nothing when it comes through", async () => {
    const source = new NumberedSource(3);
    const world = pullWorld({ sources: { one: source } });
    const hanging = Promise.withResolvers<void>();
    const checkpoint = world.store.checkpoint.bind(world.store);
    const late = Promise.withResolvers<boolean>();
    world.store.checkpoint = async (lease, cursor) => {
      await hanging.promise;
      const held = await checkpoint(lease, cursor);
      late.resolve(held);
      return held;
    };
    await world.scheduler.start();
    await world.pass(hourMs + secondMs);
    expect(world.received).toEqual(numbers(0, 3));
    await world.store.set(one, "9");
    // With the next renewal the store says that the lease is gone.
    await world.pass(9 * secondMs);
    expect(world.failures).toEqual(["one ingest"]);
    hanging.resolve();
    await expect(late.promise).resolves.toBe(false);
    expect(await world.store.get(one)).toBe("9");
  });

  test("that a run releases after its time-out is not reported as lost, although a renewal is under way", async () => {
    const source = new NumberedSource(3);
    source.beforePage = (_first, signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const { logger, lines } = keepingLogger();
    const world = pullWorld({ sources: { one: source }, logger });
    const released = Promise.withResolvers<void>();
    const { store } = world;
    const [renew, release] = [store.renew.bind(store), store.release.bind(store)];
    const endsAtMs = world.clock.now() + hourMs + 5 * minuteMs;
    store.renew = async (...leases) => {
      if (world.clock.now() >= endsAtMs - secondMs) await released.promise;
      return renew(...leases);
    };
    store.release = async (...ending) => {
      const isReleased = await release(...ending);
      released.resolve();
      await nextTurn();
      return isReleased;
    };
    await world.scheduler.start();
    await world.pass(hourMs + 5 * minuteMs + secondMs);
    expect(world.errors).toMatchObject([{ code: "PULL_TIMEOUT" }]);
    expect(lines.map(({ message }) => message)).not.toContain("lost a lease");
  });

  test("keeps two processes on one store from running a due twice", async () => {
    const [left, right] = [new NumberedSource(3), new NumberedSource(3)];
    const first = pullWorld({ sources: { one: left } });
    const second = pullWorld({ sources: { one: right }, clock: first.clock, store: first.store });
    await first.scheduler.start();
    await second.scheduler.start();
    await first.pass(4 * hourMs + minuteMs);
    expect(left.runs.length + right.runs.length).toBe(4);
  });

  test("that was lost while no process could take over is claimed again, however rare the schedule", async () => {
    const source = new NumberedSource(3);
    source.beforePage = (_first, signal) =>
      source.runs.length > 1 ? Promise.resolve() : new Promise((_, reject) => signal.addEventListener("abort", reject));
    const world = pullWorld({ sources: { one: source } });
    const renew = world.store.renew.bind(world.store);
    world.store.renew = () => Promise.reject(new Error("the store is away"));
    await world.scheduler.start();
    await world.pass(hourMs);
    await world.pass(29 * secondMs);
    world.store.renew = renew;
    await world.pass(minuteMs);
    expect(world.received).toEqual(numbers(0, 3));
    expect((await world.store.list())[0]).not.toHaveProperty("openDueMs");
  });

  test("whose release did not get through is finished later by any process, however rare the schedule", async () => {
    const world = pullWorld({ sources: { one: new NumberedSource(3) } });
    const release = world.store.release.bind(world.store);
    world.store.release = () => Promise.reject(new Error("the store is away"));
    await world.scheduler.start();
    await world.pass(hourMs);
    world.store.release = release;
    await world.pass(minuteMs);
    expect(world.received).toEqual(numbers(0, 3));
    expect((await world.store.list())[0]).not.toHaveProperty("openDueMs");
  });

  test("that is lost before its release leaves the due to be finished by another run, however rare the schedule", async () => {
    const source = new NumberedSource(6);
    const world = pullWorld({ sources: { one: source }, schedule: "0 0 1 * *" });
    const release = world.store.release.bind(world.store);
    world.store.release = async (...ending) => {
      if (source.runs.length === 1) await world.store.set(one, "3");
      return release(...ending);
    };
    await world.scheduler.start();
    await world.pass(31 * 24 * hourMs + secondMs);
    expect(await world.store.get(one)).toBe("3");
    await world.pass(minuteMs);
    expect(source.runs).toEqual([undefined, "3"]);
    expect((await world.store.list())[0]).not.toHaveProperty("openDueMs");
  });

  test("is given up in time although the clock was set back while it was requested", async () => {
    const source = new NumberedSource(3);
    const signals: AbortSignal[] = [];
    source.beforePage = (_first, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    };
    const world = pullWorld({ sources: { one: source } });
    const { clock, store } = world;
    const acquire = store.acquire.bind(store);
    store.acquire = async (requests, limit) => {
      const results = await acquire(requests, limit);
      await sleep(clock, 8 * secondMs);
      clock.set(clock.now() - hourMs);
      return results;
    };
    store.renew = () => new Promise(() => undefined);
    void world.scheduler.runForPerson(one).catch(() => undefined);
    await clock.advance(24 * secondMs);
    expect(signals[0]?.aborted).toBe(false);
    await clock.advance(2 * secondMs);
    expect(signals[0]?.aborted).toBe(true);
  });

  test("of a process that died passes to another within its time to live and a moment", async () => {
    const [left, right] = [new NumberedSource(3), new NumberedSource(3)];
    left.beforePage = () => new Promise(() => undefined);
    const first = pullWorld({ sources: { one: left } });
    const second = pullWorld({ sources: { one: right }, clock: first.clock, store: first.store });
    await first.scheduler.start();
    await second.scheduler.start();
    await first.pass(hourMs);
    const took = left.runs.length === 1 ? { dying: first, survivor: right } : undefined;
    expect(took).toBeDefined();
    // Stop renewing without releasing, as a killed process does.
    Object.defineProperty(first.store, "renew", { value: async () => [] });
    await first.pass(32 * secondMs);
    expect(right.runs).toEqual([undefined]);
  });
});

describe("limits", () => {
  test("max_items ends a run behind a whole page and the next due resumes there", async () => {
    const source = new NumberedSource(9);
    const world = pullWorld({ sources: { one: source }, entry: { maxItems: 4 } });
    await world.scheduler.start();
    await world.pass(hourMs + minuteMs);
    expect(world.received).toEqual(numbers(0, 6));
    expect(await world.store.get(one)).toBe("6");
    await world.pass(hourMs);
    expect(world.received).toEqual(numbers(0, 9));
  });

  test("a dry run delivers nothing and writes nothing", async () => {
    const source = new NumberedSource(9);
    const world = pullWorld({ sources: { one: source }, entry: { dryRun: true } });
    await world.scheduler.start();
    await world.pass(hourMs + minuteMs);
    expect(source.runs).toEqual([undefined]);
    expect(world.received).toEqual([]);
    expect(await world.store.list()).toEqual([]);
  });
});
