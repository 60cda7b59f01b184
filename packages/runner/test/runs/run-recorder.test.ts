import { setImmediate as nextTurn } from "node:timers/promises";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { describe, expect, test } from "vitest";
import type { RunOutcome } from "../../src/pull/run-pull.ts";
import { isBalanced } from "../../src/runs/run-account.ts";
import { RunRecorder } from "../../src/runs/run-recorder.ts";
import { RunRecords } from "../../src/runs/run-records.ts";
import { keepingLogger } from "../health/logging.ts";
import { NumberedSource, pullWorld } from "../pull/pull-fixture.ts";
import { noticingWrites } from "../record-store.ts";

const one = { kind: "demo", name: "one" };
const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const report = { episodes: 0, delivered: 0, buried: 0, skipped: 0, fetched: 0, failed: 0, exhausted: true };
const done: RunOutcome = { type: "done", report };

function recorderOn(records: StoreRecords | undefined, clock: FakeClock, owner = "web-1:42:x") {
  const { logger } = keepingLogger();
  return new RunRecorder({
    records,
    clock,
    logger,
    owner,
    clean: (_, text) => text.replaceAll("hunter2", "***"),
    requestsOf: () => 0,
  });
}

function recordRun(recorder: RunRecorder, epoch: number) {
  return recorder.begin({ source: one, runId: `run ${epoch}` }, { source: one, owner: "o", epoch, resumed: false });
}

async function turns(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    await clock.advance(100);
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  }
}

/** A scheduler whose runs are recorded, on one store. */
function recordedWorld(options: Omit<Parameters<typeof pullWorld>[0], "recorder">, owner?: string) {
  const clock = options.clock ?? new FakeClock();
  const store = options.store ?? new InMemoryPullCursorStore({ clock });
  const recorder = recorderOn(store.records, clock, owner);
  const world = pullWorld({ ...options, clock, store, recorder });
  return { ...world, recorder, history: () => new RunRecords(store.records!).history(one) };
}

describe("a run's account", () => {
  test("is kept when it has ended: what was read is delivered or kept", async () => {
    const world = recordedWorld({ sources: { one: new NumberedSource(7) } });
    await world.scheduler.start();
    await world.pass(hourMs + secondMs);
    await world.pass(secondMs);
    expect(await world.history()).toMatchObject([
      {
        outcome: "done",
        process: "web-1:42",
        dueMs: expect.any(Number),
        pages: 3,
        fetched: 7,
        mapped: 7,
        delivered: 7,
        buried: 0,
        movedCursor: true,
      },
    ]);
  });

  test("of a run that the provider limits, and of the one that resumes it, each has its own part", async () => {
    const source = new NumberedSource(9);
    const world = recordedWorld({ sources: { one: source }, schedule: "0 0 1 * *" });
    let isLimited = true;
    source.beforePage = async (first) => {
      if (first !== 3 || !isLimited) return;
      isLimited = false;
      throw new ConnectorsError({
        code: "DEMO_RATE_LIMITED",
        message: "hunter2 slow down",
        retryAtMs: world.clock.now() + 20 * minuteMs,
      });
    };
    await world.scheduler.start();
    await world.pass(31 * 24 * hourMs + secondMs);
    await world.pass(30 * minuteMs);
    expect(await world.history()).toMatchObject([
      {
        outcome: "failed",
        mapped: 3,
        delivered: 3,
        resumed: false,
        error: { code: "DEMO_RATE_LIMITED", message: "*** slow down" },
      },
      { outcome: "done", mapped: 6, delivered: 6, resumed: true },
    ]);
  });

  test("of a page that the sink does not take leaves its items to the next run", async () => {
    const world = recordedWorld({
      sources: { one: new NumberedSource(6) },
      ingest: async (texts) => {
        if (texts.includes("number 4")) throw new ConnectorsError({ code: "TEST_DOWN", message: "down", retryable: true });
      },
    });
    await world.scheduler.start();
    await world.pass(hourMs + secondMs);
    await world.scheduler.stop(AbortSignal.abort());
    await world.pass(secondMs);
    expect(await world.history()).toMatchObject([
      { outcome: "partial", reason: "stopping", mapped: 3, delivered: 3, openItems: 3 },
    ]);
  });

  test("of a connector's defect names no text of it", async () => {
    const source = new NumberedSource(3);
    source.beforePage = () => Promise.reject(new Error("token=abc"));
    const world = recordedWorld({ sources: { one: source } });
    await world.scheduler.start();
    await world.pass(hourMs + secondMs);
    const [account] = await world.history();
    expect(account).toMatchObject({ outcome: "failed", error: { code: "RUNNER_CONNECTOR_DEFECT" } });
    expect(JSON.stringify(account)).not.toContain("abc");
  });

  test("of a killed process shows what it had delivered, as killed when another one has taken over", async () => {
    const clock = new FakeClock();
    const store = new InMemoryPullCursorStore({ clock });
    const source = new NumberedSource(9);
    source.beforePage = (first) => (first === 6 ? new Promise(() => undefined) : Promise.resolve());
    // It is never stopped: its timers run, but its lease is not renewed.
    const dead = recordedWorld({
      sources: { one: source },
      clock,
      store: { ...storeOf(store), renew: async (leases) => leases.map(() => false) },
    });
    await dead.scheduler.start();
    await dead.pass(hourMs + secondMs);
    expect(await dead.history()).toMatchObject([{ outcome: "running", mapped: 3, delivered: 3 }]);

    const heir = recordedWorld({ sources: { one: new NumberedSource(9) }, clock, store }, "web-2:7:y");
    await heir.scheduler.start();
    await heir.pass(10 * minuteMs);
    const history = await heir.history();
    expect(history.at(-1)).toMatchObject({ outcome: "done", resumed: true, mapped: 3, process: "web-2:7" });
    expect(history.length).toBe(2);
    expect(history.every(isBalanced)).toBe(true);
  });
});

describe("the recorder", () => {
  test("writes a source with a run each second and no news once in ten seconds, and one with news at each run", async () => {
    const clock = new FakeClock();
    const store = new InMemoryPullCursorStore({ clock });
    let writes = 0;
    const records = noticingWrites(store.records, () => void (writes += 1));
    const recorder = recorderOn(records, clock);
    const source = new NumberedSource(0);
    const world = pullWorld({ sources: { one: source }, clock, store, recorder, schedule: "every 1s" });
    await world.scheduler.start();
    await world.pass(20 * secondMs);
    writes = 0;
    await world.pass(200 * secondMs);
    expect(writes).toBeLessThanOrEqual(2 * 22);
    source.count = 3;
    await world.pass(3 * secondMs);
    await recorder.stop(new AbortController().signal);
    const history = await new RunRecords(store.records).history(one);
    expect(history.map(({ mapped }) => mapped)).toEqual([0, 3, 0]);
    const runs = history.reduce((sum, account) => sum + account.runs, 0);
    expect(runs).toBe(source.runs.length);
    expect(runs).toBeGreaterThan(200);
  });

  test("writes at most 40 sources in a second, the one that has waited longest first, and all of them in the end", async () => {
    const clock = new FakeClock();
    const store = new InMemoryPullCursorStore({ clock });
    const writtenAt: number[] = [];
    const records = noticingWrites(store.records, () => void writtenAt.push(clock.now()));
    const recorder = recorderOn(records, clock);
    for (let index = 0; index < 400; index += 1) {
      const source = { kind: "demo", name: `s${index}` };
      const lease = { source, owner: "o", epoch: 1, resumed: false };
      recorder.begin({ source, runId: formatSourceKey(source) }, lease).ended(done);
    }
    for (let step = 0; step < 300; step += 1) {
      await clock.advance(100);
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    }
    expect((await new RunRecords(store.records).summaries(["demo"])).size).toBe(400);
    const bySecond = Map.groupBy(writtenAt, (atMs) => Math.floor(atMs / secondMs));
    // Two records of a source.
    for (const [, second] of bySecond) expect(second.length).toBeLessThanOrEqual(2 * 80);
    expect(bySecond.size).toBeGreaterThanOrEqual(8);
  });

  test("keeps accounts while the store takes none, and no run waits for it", async () => {
    const clock = new FakeClock();
    const store = new InMemoryPullCursorStore({ clock });
    let isDown = true;
    const records = noticingWrites(store.records, () => {
      if (isDown) throw new Error("the disk is full");
    });
    const source = new NumberedSource(3);
    const recorder = recorderOn(records, clock);
    const world = pullWorld({ sources: { one: source }, clock, store, recorder, schedule: "every 10s" });
    await world.scheduler.start();
    await world.pass(minuteMs);
    expect(source.runs.length).toBeGreaterThan(4);
    isDown = false;
    await world.pass(minuteMs);
    const history = await new RunRecords(store.records).history(one);
    expect(history[0]).toMatchObject({ mapped: 3, delivered: 3 });
  });

  test("counts runs without news once, although the store took the first without an answer", async () => {
    const clock = new FakeClock();
    const store = new InMemoryPullCursorStore({ clock });
    let isAnswerLost = true;
    const recorder = recorderOn(
      {
        ...noticingWrites(store.records, () => undefined),
        async compareAndSet(write) {
          const result = await store.records.compareAndSet(write);
          if (isAnswerLost) throw new Error("the connection broke");
          return result;
        },
      },
      clock,
    );
    recordRun(recorder, 1).ended(done);
    await turns(clock, secondMs);
    recordRun(recorder, 2).ended(done);
    isAnswerLost = false;
    await turns(clock, 30 * secondMs);
    expect(await new RunRecords(store.records).history(one)).toMatchObject([{ runs: 2, epoch: 2 }]);
  });

  test("writes at once how a run ended that is shown as under way, because it would pass for a killed one", async () => {
    const clock = new FakeClock();
    const store = new InMemoryPullCursorStore({ clock });
    const recorder = recorderOn(store.records, clock);
    recordRun(recorder, 1).ended(done);
    await turns(clock, secondMs);
    const long = recordRun(recorder, 2);
    await turns(clock, 11 * secondMs);
    expect(await new RunRecords(store.records).history(one)).toMatchObject([{ outcome: "done" }, { outcome: "running" }]);
    long.ended(done);
    await turns(clock, secondMs);
    expect(await new RunRecords(store.records).history(one)).toMatchObject([{ outcome: "done", runs: 2 }]);
  });

  test("ends its stop when the store does not answer", async () => {
    const clock = new FakeClock();
    const recorder = recorderOn(
      { ...new InMemoryPullCursorStore({ clock }).records, get: () => new Promise(() => undefined) },
      clock,
    );
    recorder.begin({ source: one, runId: "1" }, { source: one, owner: "o", epoch: 1, resumed: false }).ended(done);
    const stop = new AbortController();
    const stopped = recorder.stop(stop.signal);
    for (let step = 0; step < 20; step += 1) await clock.advance(secondMs);
    await expect(stopped).resolves.toBeUndefined();
  });

  test("keeps nothing where the store keeps no records", async () => {
    const clock = new FakeClock();
    const recorder = recorderOn(undefined, clock);
    const recorded = recorder.begin({ source: one, runId: "1" }, { source: one, owner: "o", epoch: 1, resumed: false });
    recorded.ended(done);
    expect(clock.pending).toBe(0);
    await recorder.stop(new AbortController().signal);
  });
});

test("through random failures, limits, pauses and restarts every account balances, and nothing is missing from their sum", async () => {
  const seed = Date.now() % 1_000_000;
  const random = seededRandom(seed);
  const clock = new FakeClock();
  const store = new InMemoryPullCursorStore({ clock });
  const total = 300;
  let received = 0;
  let world = restarted();
  function restarted() {
    const source = new NumberedSource(total);
    source.beforePage = async () => {
      const chance = random();
      if (chance < 0.05) throw new ConnectorsError({ code: "DEMO_DOWN", message: "down", retryable: true });
      if (chance < 0.1) throw new ConnectorsError({ code: "DEMO_LIMITED", message: "slow", retryAtMs: clock.now() + 5_000 });
      if (chance < 0.12) throw new TypeError("a defect");
    };
    return recordedWorld({ sources: { one: source }, clock, store, schedule: "every 10s", entry: { maxItems: 30 } });
  }
  for (let round = 0; round < 12; round += 1) {
    await world.scheduler.start();
    if (random() < 0.3) world.scheduler.setPaused(one, true);
    await world.pass(20 * secondMs);
    world.scheduler.setPaused(one, false);
    await world.pass(20 * secondMs);
    await world.scheduler.stop(AbortSignal.abort());
    await world.recorder.stop(new AbortController().signal);
    received += world.received.length;
    world = restarted();
  }
  const history = await world.history();
  expect(
    history.filter((account) => !isBalanced(account)),
    `seed ${seed}`,
  ).toEqual([]);
  const delivered = history.reduce((sum, account) => sum + account.delivered, 0);
  // The oldest of more than 50 runs are forgotten.
  expect(history.length < 50 ? delivered : received, `seed ${seed}`).toBe(received);
  expect(received, `seed ${seed}`).toBeGreaterThan(0);
});

/** The methods of a store, to replace some. */
function storeOf(store: InMemoryPullCursorStore) {
  const { records } = store;
  return {
    durability: store.durability,
    get: store.get.bind(store),
    set: store.set.bind(store),
    delete: store.delete.bind(store),
    list: store.list.bind(store),
    acquire: store.acquire.bind(store),
    renew: store.renew.bind(store),
    checkpoint: store.checkpoint.bind(store),
    release: store.release.bind(store),
    close: store.close.bind(store),
    ...(records === undefined ? {} : { records }),
  };
}
