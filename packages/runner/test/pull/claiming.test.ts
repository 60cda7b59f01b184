import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { describe, expect, test } from "vitest";
import { ScheduledSource } from "../../src/pull/scheduled-source.ts";
import { LeaseQueue } from "../../src/pull/lease-queue.ts";
import type { OpenedPull } from "../../src/pull/opened-pull.ts";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { NumberedSource, pullWorld } from "./pull-fixture.ts";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

function manySources(count: number): Record<string, NumberedSource> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}`, new NumberedSource(1)]));
}

/** The calls of a process to its store, each with the time. */
function observedStore(clock: FakeClock, place: InMemoryPullCursorStore) {
  const acquires: { readonly atMs: number; readonly names: readonly string[]; readonly granted: number }[] = [];
  let releases = 0;
  const store = Object.create(place) as InMemoryPullCursorStore;
  store.acquire = async (requests, limit) => {
    const atMs = clock.now();
    const results = await place.acquire(requests, limit);
    const names = requests.map(({ source }) => source.name);
    acquires.push({ atMs, names, granted: results.filter(({ granted }) => granted).length });
    return results;
  };
  store.release = (lease, outcome) => {
    releases += 1;
    return place.release(lease, outcome);
  };
  const methods = ["get", "set", "delete", "list", "renew", "checkpoint", "close"] as const;
  for (const method of methods) Object.assign(store, { [method]: place[method].bind(place) });
  return {
    store,
    acquires,
    get releases() {
      return releases;
    },
    get shortestGapMs() {
      return Math.min(...acquires.slice(1).map(({ atMs }, index) => atMs - acquires[index]!.atMs));
    },
  };
}

const countOf = (dues: readonly string[], outcome: string) => dues.filter((due) => due.includes(` ${outcome} `)).length;

describe("claims", () => {
  test("cost one statement in 100 ms for all that is due, and one for each finished run", async () => {
    const clock = new FakeClock();
    const observed = observedStore(clock, new InMemoryPullCursorStore({ clock }));
    const world = pullWorld({ sources: manySources(300), schedule: "every 1m", clock, store: observed.store });
    await world.scheduler.start();
    await world.pass(3 * minuteMs + 5 * secondMs);
    expect(observed.shortestGapMs).toBeGreaterThanOrEqual(100);
    expect(countOf(world.dues, "run")).toBeGreaterThanOrEqual(900);
    expect(new Set(world.dues.map((due) => due.split(" ")[1]))).toEqual(new Set(["run"]));
    expect(observed.releases).toBe(countOf(world.dues, "run"));
  });

  test("are never closer than 100 ms, not even by a part of one", async () => {
    const clock = new FakeClock();
    const claimedAtMs: number[] = [];
    const queue = new LeaseQueue({
      clock,
      random: () => 0.01,
      freeSlots: () => 1,
      isOpen: () => true,
      claim: async () => void claimedAtMs.push(clock.elapsed()),
    });
    const due = () => new ScheduledSource({} as OpenedPull);
    queue.add([due()]);
    await clock.advance(99.5);
    queue.add([due()]);
    await clock.advance(10);
    expect(claimedAtMs).toEqual([0, 100.5]);
  });

  test("of three processes run every due once, lose none, and share the work", async () => {
    const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
    const clock = new FakeClock();
    const place = new InMemoryPullCursorStore({ clock });
    const processes = [1, 2, 3].map((number) => {
      const observed = observedStore(clock, place);
      const random = seededRandom(seed + number);
      const world = pullWorld({ sources: manySources(300), schedule: "* * * * *", clock, store: observed.store, random });
      return { observed, world };
    });
    for (const { world } of processes) await world.scheduler.start();
    await processes[0]!.world.pass(3 * minuteMs + 30 * secondMs);
    const ran = processes.map(({ world }) => countOf(world.dues, "run"));
    const finished = (await place.list()).filter(({ finishedDueMs }) => finishedDueMs !== undefined);
    expect(finished, `seed ${seed}`).toHaveLength(300);
    expect(
      ran.reduce((sum, count) => sum + count),
      `seed ${seed}`,
    ).toBe(900);
    for (const count of ran) expect(count, `seed ${seed}: ${ran.join(", ")}`).toBeGreaterThan(90);
    for (const { observed, world } of processes) {
      expect(observed.shortestGapMs).toBeGreaterThanOrEqual(100);
      expect(new Set(world.dues.map((due) => due.split(" ")[1]))).toEqual(new Set(["run"]));
    }
  });

  test("claim a thousand sources at most, and for the others with the next one", async () => {
    const clock = new FakeClock();
    const observed = observedStore(clock, new InMemoryPullCursorStore({ clock }));
    const sources = manySources(2_500);
    const world = pullWorld({ sources, clock, store: observed.store, maxConcurrentSyncs: 500 });
    await world.scheduler.start();
    await world.pass(hourMs + 2 * secondMs);
    expect(Math.max(...observed.acquires.map(({ names }) => names.length))).toBe(1_000);
    expect(Math.max(...observed.acquires.map(({ granted }) => granted))).toBeLessThanOrEqual(500);
    expect(countOf(world.dues, "run")).toBe(2_500);
  });

  test("take no lease that there is no room to use", async () => {
    const clock = new FakeClock();
    const observed = observedStore(clock, new InMemoryPullCursorStore({ clock }));
    const gate = Promise.withResolvers<void>();
    const sources = manySources(10);
    for (const source of Object.values(sources)) source.beforePage = () => gate.promise;
    const world = pullWorld({ sources, clock, store: observed.store, maxConcurrentSyncs: 3 });
    await world.scheduler.start();
    await world.pass(hourMs + 10 * secondMs);
    expect(observed.acquires[0]).toMatchObject({ names: { length: 10 }, granted: 3 });
    expect((await observed.store.list()).filter(({ lease }) => lease !== undefined)).toHaveLength(3);
    // Without room it only looks, seldom, what others have done of that which waits.
    expect(observed.acquires.length).toBeLessThanOrEqual(12);
    gate.resolve();
    await world.pass(5 * secondMs);
    expect(countOf(world.dues, "run")).toBe(10);
  });

  test("go to the source that has waited longest, whatever the random order", async () => {
    const clock = new FakeClock();
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const names = ["blocker", "first", "second", "third"];
    const sources = Object.fromEntries(names.map((name) => [name, new NumberedSource(1)]));
    for (const [name, source] of Object.entries(sources)) {
      source.beforePage = async () => {
        order.push(name);
        if (name === "blocker") await gate.promise;
      };
    }
    let chance = 1;
    const world = pullWorld({ sources, clock, maxConcurrentSyncs: 1, random: () => Math.abs((chance -= 0.01)) });
    for (const name of names) {
      void world.scheduler.runForPerson({ kind: "demo", name });
      await world.pass(1_100);
    }
    gate.resolve();
    await world.pass(2 * secondMs);
    expect(order).toEqual(names);
  });

  test("keep a busy source at the place of its due: at the end of a long queue its next due would come first", async () => {
    const clock = new FakeClock();
    const place = new InMemoryPullCursorStore({ clock });
    const held = new NumberedSource(1);
    held.beforePage = () => new Promise(() => undefined);
    const other = pullWorld({ sources: { s0: held }, schedule: "every 1m", clock, store: place });
    const stuck = new NumberedSource(1);
    stuck.beforePage = () => new Promise(() => undefined);
    const sources = { stuck, ...manySources(30) };
    const observed = observedStore(clock, place);
    const world = pullWorld({ sources, schedule: "every 1m", clock, store: observed.store, maxConcurrentSyncs: 1 });
    world.scheduler.runForPerson({ kind: "demo", name: "stuck" }).catch(() => undefined);
    await world.pass(100);
    await other.scheduler.start();
    await world.scheduler.start();

    const dueOf = (name: string) => world.scheduler.nextDueMs({ kind: "demo", name }) ?? 0;
    const dueMs = dueOf("s0");
    const later = Object.keys(sources).filter((name) => dueOf(name) > dueMs + secondMs && dueOf(name) < dueMs + 25 * secondMs);
    expect(later.length).toBeGreaterThan(3);
    await world.pass(dueMs - clock.now() + 40 * secondMs);
    const asksOfHeld = observed.acquires.filter(({ names }) => names.includes("s0"));
    const again = asksOfHeld.find(({ atMs }) => atMs > dueMs + 25 * secondMs)?.names ?? [];
    expect(again.find((name) => name === "s0" || later.includes(name))).toBe("s0");
  });

  test("sort out what others have run while every slot is taken: nothing counts as missed that was run", async () => {
    const clock = new FakeClock();
    const place = new InMemoryPullCursorStore({ clock });
    const stuck = { stuck: new NumberedSource(1), ...manySources(20) };
    stuck.stuck.beforePage = () => new Promise(() => undefined);
    const busy = pullWorld({ sources: stuck, schedule: "every 1m", clock, store: place, maxConcurrentSyncs: 1 });
    const ran = busy.scheduler.runForPerson({ kind: "demo", name: "stuck" });
    ran.catch(() => undefined);
    await busy.pass(secondMs);
    const free = pullWorld({ sources: manySources(20), schedule: "every 1m", clock, store: place });
    await busy.scheduler.start();
    await free.scheduler.start();
    await free.pass(3 * minuteMs);
    expect(countOf(free.dues, "run")).toBe(60);
    expect(busy.dues.filter((due) => !due.startsWith("stuck "))).toEqual([]);
  });
});

describe("a due that comes while the claim of the one before is under way", () => {
  test("is claimed afterwards", async () => {
    const { world, gate } = await withSlowClaim();
    await world.pass(10 * secondMs);
    gate.resolve();
    await world.pass(secondMs);
    expect(world.dues).toEqual(["one run 1", "one run 1"]);
  });

  test("takes the place of one that there was no room for, which counts as missed", async () => {
    const { world, gate, place } = await withSlowClaim();
    await world.pass(10 * secondMs);
    // Runs of another process have filled the free slots.
    place.acquire = async (requests) => requests.map(() => ({ granted: false, reason: "surplus" }));
    gate.resolve();
    await world.pass(50);
    expect(world.dues).toEqual(["one missed 1"]);
  });

  async function withSlowClaim() {
    const clock = new FakeClock();
    const place = new InMemoryPullCursorStore({ clock });
    const gate = Promise.withResolvers<void>();
    const { store } = observedStore(clock, place);
    store.acquire = async (requests, limit) => {
      await gate.promise;
      return place.acquire(requests, limit);
    };
    const world = pullWorld({ sources: { one: new NumberedSource(1) }, schedule: "every 10s", clock, store });
    await world.scheduler.start();
    await world.pass(10 * secondMs + 100);
    return { world, gate, place };
  }
});

describe("a claim that is answered while the runner stops", () => {
  test("gives its lease back before the runner has stopped", async () => {
    const clock = new FakeClock();
    const place = new InMemoryPullCursorStore({ clock });
    const gate = Promise.withResolvers<void>();
    const { store } = observedStore(clock, place);
    store.acquire = async (requests, limit) => {
      const results = await place.acquire(requests, limit);
      await gate.promise;
      return results;
    };
    const source = new NumberedSource(1);
    const world = pullWorld({ sources: { one: source }, clock, store });
    await world.scheduler.start();
    await world.pass(hourMs + 100);
    const stopped = world.scheduler.stop(new AbortController().signal);
    gate.resolve();
    await stopped;
    expect((await place.list())[0]?.lease).toBeUndefined();
    expect(source.runs).toEqual([]);
  });
});

test("claims that a store leaves unanswered are made again, and the answered ones still count as running", async () => {
  const clock = new FakeClock();
  const observed = observedStore(clock, new InMemoryPullCursorStore({ clock }));
  const gate = Promise.withResolvers<void>();
  const sources = manySources(2);
  for (const source of Object.values(sources)) source.beforePage = () => gate.promise;
  const acquire = observed.store.acquire.bind(observed.store);
  let isFirst = true;
  observed.store.acquire = async (requests, limit) => {
    const results = await acquire(requests, limit);
    const answered = isFirst ? results.slice(0, 1) : results;
    isFirst = false;
    return answered;
  };
  const world = pullWorld({ sources, clock, store: observed.store });
  await world.scheduler.start();
  await world.pass(hourMs + minuteMs);
  const [answered, unanswered] = observed.acquires[0]!.names.map((name) => sources[name]!);
  expect([answered!.runs, unanswered!.runs]).toEqual([[undefined], [undefined]]);
  expect([...world.scheduler.snapshots()].map(({ running }) => running)).toEqual([true, true]);
});
