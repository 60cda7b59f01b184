import { ConnectorsError, type PullSource } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { hourMs, minuteMs, NoticingSource, secondMs, SharedStore, watchWorld } from "./watch-world.ts";

const unavailable = () => new ConnectorsError({ code: "DEMO_UNAVAILABLE", message: "the connection was lost", retryable: true });

/** Waits until it is aborted. */
class WaitingSource extends NoticingSource {
  waiting = 0;
  started = 0;
  request: (part?: string) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;
  outcome: (signal: AbortSignal) => Promise<void> = (signal) =>
    new Promise((_, reject) => {
      this.fail = reject;
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });

  async wait(...[signal, request]: Parameters<NonNullable<PullSource["wait"]>>): Promise<void> {
    this.request = request;
    this.waiting += 1;
    this.started += 1;
    await this.outcome(signal).finally(() => (this.waiting -= 1));
  }
}

describe("a request of a wait", () => {
  test("has the source run, with the part that it names first", async () => {
    const source = new WaitingSource(3);
    const world = watchWorld({ source });
    world.watches.start();
    await world.pass(secondMs);
    source.request("ada@example.com");
    await world.pass(secondMs);
    expect([source.causes, world.received.length]).toEqual([[{ parts: ["ada@example.com"] }], 3]);
    await world.stop();
  });

  test("shares its run with those before it, and is followed by one further run when one is under way", async () => {
    const source = new WaitingSource(3);
    const gate = Promise.withResolvers<void>();
    source.beforePage = () => gate.promise;
    const world = watchWorld({ source });
    world.watches.start();
    await world.pass(secondMs);
    for (const part of ["a", "b", "a"]) source.request(part);
    source.request();
    await world.pass(secondMs);
    for (let at = 0; at < 1_000; at += 1) source.request("c");
    gate.resolve();
    await world.pass(10 * secondMs);
    expect(source.causes).toEqual([{ parts: ["a", "b"] }, { parts: ["c"] }]);
    await world.stop();
  });

  test("is made again while another process runs the source, until a run has begun after it", async () => {
    const clock = new FakeClock();
    const store = new SharedStore(clock);
    const source = new WaitingSource(3);
    const world = watchWorld({ source, clock, store: store.seen() });
    const [held] = await store.inner.acquire([{ source: { kind: "demo", name: "one" }, owner: "other", ttlMs: 5 * minuteMs }]);
    world.watches.start();
    await world.pass(secondMs);
    source.request("a");
    await world.pass(minuteMs);
    expect(source.causes).toEqual([]);
    if (held?.granted === true) await store.inner.release(held.lease, { type: "done" });
    await world.pass(10 * secondMs);
    expect(source.causes).toEqual([{ parts: ["a"] }]);
    await world.stop();
  });

  test("is made again after a run that failed, and prefers the same part", async () => {
    const source = new WaitingSource(3);
    let failures = 2;
    source.beforePage = async () => {
      failures -= 1;
      if (failures >= 0) throw unavailable();
    };
    const world = watchWorld({ source });
    world.watches.start();
    await world.pass(secondMs);
    source.request("a");
    await world.pass(5 * minuteMs);
    expect(source.causes).toEqual([{ parts: ["a"] }, { parts: ["a"] }, { parts: ["a"] }]);
    await world.pass(hourMs / 2);
    expect(source.causes).toHaveLength(3);
    await world.stop();
  });

  test("waits for the end of a pause that the provider wants", async () => {
    const source = new WaitingSource(3);
    let isLimited = true;
    const world = watchWorld({ source });
    source.beforePage = async () => {
      if (!isLimited) return;
      isLimited = false;
      const retryAtMs = world.clock.now() + 20 * minuteMs;
      throw new ConnectorsError({ code: "DEMO_RATE_LIMITED", message: "too much", retryAtMs });
    };
    world.watches.start();
    await world.pass(secondMs);
    source.request();
    await world.pass(19 * minuteMs);
    expect(source.causes).toHaveLength(1);
    await world.pass(2 * minuteMs);
    expect(source.causes).toHaveLength(2);
    await world.stop();
  });

  test("that names no usable part prefers none, and one after the wait has ended is ignored", async () => {
    const source = new WaitingSource(3);
    const world = watchWorld({ source });
    world.watches.start();
    await world.pass(secondMs);
    for (const part of ["", "x".repeat(256), 7, {}, null]) source.request(part as never);
    await world.pass(secondMs);
    expect(source.causes).toEqual([{}]);
    await world.stop();
    source.request("late");
    await world.pass(hourMs / 2);
    expect(source.causes).toHaveLength(1);
  });
});

describe("a wait that ends", () => {
  test("and rejects a thousand times costs bounded attempts, and makes the source unhealthy once", async () => {
    const source = new WaitingSource(0);
    source.outcome = async () => {
      throw unavailable();
    };
    const world = watchWorld({ source });
    world.watches.start();
    await world.pass(24 * hourMs);
    expect(source.started).toBeGreaterThan(24 * 10);
    expect(source.started).toBeLessThan(1_000);
    expect(world.health.state).toMatchObject({ status: "unhealthy", code: "DEMO_UNAVAILABLE" });
    expect(world.lines.filter(({ level, message }) => level === "warn" && message === "a source is unhealthy")).toHaveLength(1);
    source.outcome = new WaitingSource(0).outcome;
    await world.pass(10 * minuteMs);
    expect(world.health.state.status).toBe("ok");
    await world.stop();
  });

  test.each<[string, () => Promise<void>]>([
    ["returns at once", async () => undefined],
    [
      "throws at once",
      () => {
        throw new TypeError("defect");
      },
    ],
    ["returns no promise", () => undefined as never],
    ["rejects with nothing", () => Promise.reject(undefined)],
  ])("and %s is started again at growing intervals", async (_, wait) => {
    let started = 0;
    const source = Object.assign(new NoticingSource(0), {
      wait() {
        started += 1;
        return wait();
      },
    });
    const world = watchWorld({ source });
    world.watches.start();
    await world.pass(hourMs);
    expect(started).toBeGreaterThan(3);
    expect(started).toBeLessThan(60);
    expect(world.health.state.status).toBe("unhealthy");
    await world.stop();
  });

  test("because its credentials are refused is tried at last every hour", async () => {
    const source = new WaitingSource(0);
    source.outcome = async () => {
      throw new ConnectorsError({ code: "DEMO_UNAUTHORIZED", message: "the password was refused", hint: "set `password`" });
    };
    const world = watchWorld({ source });
    world.watches.start();
    await world.pass(24 * hourMs);
    expect(source.started).toBeLessThan(60);
    expect(world.health.state).toMatchObject({ code: "DEMO_UNAUTHORIZED", hint: "set `password`" });
    await world.stop();
  });

  test("after a minute or more is started again at once, however often", async () => {
    const source = new WaitingSource(0);
    const world = watchWorld({ source });
    source.outcome = () => new Promise((resolve) => world.clock.after(5 * minuteMs, resolve));
    world.watches.start();
    await world.pass(hourMs);
    expect(source.started).toBeGreaterThanOrEqual(11);
    expect(world.health.state.status).not.toBe("unhealthy");
    await world.stop();
  });
});

describe("of the processes that share a state", () => {
  function processes(count: number) {
    const clock = new FakeClock();
    const store = new SharedStore(clock);
    const cutOff = new Set<number>();
    const all = Array.from({ length: count }, (_, at) => {
      const source = new WaitingSource(0);
      return { source, ...watchWorld({ source, clock, store: store.seen(() => cutOff.has(at)) }) };
    });
    for (const { watches } of all) watches.start();
    return {
      clock,
      store,
      cutOff,
      all,
      pass: all[0]!.pass,
      waiting: () => all.reduce((sum, { source }) => sum + source.waiting, 0),
    };
  }

  test("one waits, and another one when it stops", async () => {
    const { all, pass, waiting } = processes(3);
    await pass(10 * minuteMs);
    expect(waiting()).toBe(1);
    const first = all.find(({ source }) => source.waiting === 1);
    await first?.stop();
    await pass(15 * secondMs);
    expect(waiting()).toBe(1);
    expect(first?.source.waiting).toBe(0);
    await Promise.all(all.map(({ stop }) => stop()));
  });

  test("another one takes over within about one ttl from one that is cut off, which ends its wait when it is back", async () => {
    const { all, pass, waiting, cutOff } = processes(2);
    await pass(minuteMs);
    const at = all.findIndex(({ source }) => source.waiting === 1);
    cutOff.add(at);
    await pass(45 * secondMs);
    // Both wait: none of them can know of the other.
    expect(waiting()).toBe(2);
    cutOff.clear();
    await pass(15 * secondMs);
    expect(all[at]?.source.waiting).toBe(0);
    expect(waiting()).toBe(1);
    await Promise.all(all.map(({ stop }) => stop()));
  });

  test("the one that another one takes over from reports no longer that its wait failed", async () => {
    const { all, pass, cutOff } = processes(2);
    await pass(minuteMs);
    const at = all.findIndex(({ source }) => source.waiting === 1);
    const refusing = all[at];
    if (refusing === undefined) throw new Error("no process waits");
    refusing.source.outcome = async () => {
      throw new ConnectorsError({ code: "DEMO_UNAUTHORIZED", message: "the password was refused", hint: "set `password`" });
    };
    refusing.source.fail(unavailable());
    await pass(minuteMs);
    expect(refusing.health.state).toMatchObject({ status: "unhealthy", code: "DEMO_UNAUTHORIZED" });
    cutOff.add(at);
    await pass(2 * minuteMs);
    cutOff.clear();
    await pass(minuteMs);
    expect(refusing.health.state.status).toBe("ok");
    await Promise.all(all.map(({ stop }) => stop()));
  });

  test("the one that waits does not end while the store is down for all", async () => {
    const { all, store, pass, waiting } = processes(2);
    await pass(minuteMs);
    const started = all.map(({ source }) => source.started);
    store.isDown = true;
    await pass(hourMs);
    expect(waiting()).toBe(1);
    store.isDown = false;
    await pass(10 * minuteMs);
    expect(waiting()).toBe(1);
    expect(all.map(({ source }) => source.started)).toEqual(started);
    await Promise.all(all.map(({ stop }) => stop()));
  });

  test("none waits twice in one process, although a wait ignores that it was aborted", async () => {
    const { all, pass, cutOff } = processes(2);
    for (const { source } of all) source.outcome = () => new Promise(() => undefined);
    await pass(minuteMs);
    const at = all.findIndex(({ source }) => source.waiting === 1);
    for (let round = 0; round < 3; round += 1) {
      cutOff.add(at);
      await pass(minuteMs);
      cutOff.clear();
      await pass(minuteMs);
    }
    expect(all.map(({ source }) => source.started)).toEqual([1, 1]);
    expect(all[at]?.lines.filter(({ level }) => level === "error")).toHaveLength(1);
    await Promise.all(all.map(({ stop }) => stop()));
  });
});

describe("a stop", () => {
  test("aborts the wait and waits for its end, and no longer than a few seconds for one that ignores it or for the store", async () => {
    const clock = new FakeClock();
    const store = new SharedStore(clock);
    const source = new WaitingSource(0);
    source.outcome = () => new Promise(() => undefined);
    const world = watchWorld({ source, clock, store: store.seen() });
    world.watches.start();
    await world.pass(secondMs);
    store.isHanging = true;
    let hasStopped = false;
    const stopping = world.watches.stop().then(() => (hasStopped = true));
    await world.pass(4 * secondMs);
    expect(hasStopped).toBe(true);
    await stopping;
  });

  test("ends the wait for a lease that another process holds", async () => {
    const clock = new FakeClock();
    const store = new SharedStore(clock);
    const sources = [new WaitingSource(0), new WaitingSource(0)];
    const [first, second] = sources.map((source) => watchWorld({ source, clock, store: store.seen() }));
    first?.watches.start();
    await first?.pass(secondMs);
    second?.watches.start();
    await second?.pass(secondMs);
    await second?.stop();
    expect(sources.map(({ waiting }) => waiting)).toEqual([1, 0]);
    await first?.stop();
  });
});

test("an entry that is a dry run waits for nothing and renews nothing", async () => {
  const source = new WaitingSource(0);
  const maintain = () => Promise.reject(new Error("called"));
  const world = watchWorld({ source: Object.assign(source, { maintain }), entry: { dryRun: true } });
  world.watches.start();
  await world.pass(hourMs / 2);
  expect([source.started, world.health.state.status]).toEqual([0, "unknown"]);
  await world.stop();
});

test("a sink that takes nothing ends no wait, and the run is made up for when it takes episodes again", async () => {
  const source = new WaitingSource(3);
  let isDown = true;
  const world = watchWorld({
    source,
    ingest: async () => {
      if (isDown) throw new ConnectorsError({ code: "SINK_UNREACHABLE", message: "away", retryable: true });
    },
  });
  world.watches.start();
  await world.pass(secondMs);
  source.request();
  await world.pass(hourMs / 2);
  expect([source.waiting, source.started, world.received.length]).toEqual([1, 1, 0]);
  isDown = false;
  await world.pass(10 * minuteMs);
  expect(world.received).toHaveLength(3);
  await world.stop();
});
