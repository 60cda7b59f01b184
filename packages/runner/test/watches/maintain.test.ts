import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Renewal } from "@statewave-connectors/connector-sdk/host";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import {
  dayMs,
  hourMs,
  minuteMs,
  NoticingSource,
  secondMs,
  SharedStore,
  watchWorld,
  type WatchWorldOptions,
} from "./watch-world.ts";

/** Keeps a subscription of seven days, unless a test wants something else. */
class SubscribedSource extends NoticingSource {
  readonly calls: number[] = [];
  lifeMs = 7 * dayMs;
  readonly clock: FakeClock;
  answer: (signal: AbortSignal) => Promise<Renewal> = async () => ({ expiresAtMs: this.clock.now() + this.lifeMs });

  constructor(clock: FakeClock) {
    super(0);
    this.clock = clock;
  }

  maintain(signal: AbortSignal): Promise<Renewal> {
    this.calls.push(this.clock.now());
    return this.answer(signal);
  }
}

function world(options: Partial<WatchWorldOptions> = {}) {
  const clock = options.clock ?? new FakeClock();
  const source = new SubscribedSource(clock);
  const made = watchWorld({ ...options, clock, source });
  made.watches.start();
  return { ...made, subscribed: source, expiresAtMs: () => [...made.watches.expiries()][0]?.expiresAtMs };
}

const unavailable = () => new ConnectorsError({ code: "DEMO_UNAVAILABLE", message: "try later", retryable: true });
const forbidden = () => new ConnectorsError({ code: "DEMO_FORBIDDEN", message: "no right", hint: "grant the right" });
function rejecting(made: () => Error): () => Promise<Renewal> {
  return async () => {
    throw made();
  };
}

describe("a renewal", () => {
  test("is made at the start and then daily", async () => {
    const { subscribed, pass, stop, health, expiresAtMs, clock } = world();
    await pass(minuteMs);
    expect(subscribed.calls).toHaveLength(1);
    expect(expiresAtMs()).toBeGreaterThan(clock.now() + 6 * dayMs);
    await pass(10 * dayMs);
    expect(subscribed.calls.length).toBeGreaterThanOrEqual(10);
    expect(subscribed.calls.length).toBeLessThanOrEqual(12);
    expect(health.state.status).not.toBe("unhealthy");
    await stop();
  });

  test("is made after half of a time that is shorter", async () => {
    const { subscribed, pass, stop } = world();
    subscribed.lifeMs = hourMs;
    await pass(10 * hourMs);
    const intervals = subscribed.calls.slice(1).map((at, index) => at - (subscribed.calls[index] ?? 0));
    expect(Math.max(...intervals)).toBeLessThanOrEqual(hourMs / 2 + minuteMs);
    expect(Math.min(...intervals)).toBeGreaterThanOrEqual(0.4 * hourMs);
    await stop();
  });

  test("is not made again by a restart before its time, and at once when the options of the entry have changed", async () => {
    const clock = new FakeClock();
    const store = new SharedStore(clock).seen();
    const first = world({ clock, store });
    await first.pass(hourMs);
    await first.stop();
    const second = world({ clock, store });
    await second.pass(hourMs);
    expect([second.subscribed.calls, second.expiresAtMs()]).toEqual([[], first.expiresAtMs()]);
    await second.stop();
    const changed = world({ clock, store, entry: { options: { topic: "another" } } });
    await changed.pass(minuteMs);
    expect(changed.subscribed.calls).toHaveLength(1);
    await changed.stop();
  });

  test("is made by one of the processes that share a state, and all know when it expires", async () => {
    const clock = new FakeClock();
    const store = new SharedStore(clock);
    const processes = Array.from({ length: 4 }, () => world({ clock, store: store.seen() }));
    await processes[0]?.pass(2 * dayMs);
    const calls = processes.flatMap(({ subscribed }) => subscribed.calls);
    expect(calls.length).toBeLessThanOrEqual(3);
    expect(new Set(processes.map(({ expiresAtMs }) => expiresAtMs())).size).toBe(1);
    await Promise.all(processes.map(({ stop }) => stop()));
  });

  test("needs no room among the leases of waits", async () => {
    const clock = new FakeClock();
    const store = new SharedStore(clock);
    for (let at = 0; at < 10_000; at += 1)
      await store.inner.records.compareAndSet({ scope: "watch-leases", key: `wait demo/${at}`, value: "{}", expectedVersion: 0 });
    const { subscribed, pass, stop } = world({ clock, store: store.seen() });
    await pass(minuteMs);
    expect(subscribed.calls).toHaveLength(1);
    await stop();
  });

  test("of a process that dies in the middle of it is made by another one", async () => {
    const clock = new FakeClock();
    const store = new SharedStore(clock);
    let isDead = false;
    const dying = world({ clock, store: store.seen(() => isDead) });
    dying.subscribed.answer = () => new Promise(() => undefined);
    await dying.pass(secondMs);
    isDead = true;
    const other = world({ clock, store: store.seen() });
    await other.pass(minuteMs);
    expect([dying.subscribed.calls.length, other.subscribed.calls.length]).toEqual([1, 1]);
    await Promise.all([dying.stop(), other.stop()]);
  });

  test("that hangs is given up after a minute and tried again", async () => {
    const { subscribed, pass, stop } = world();
    subscribed.answer = () => new Promise(() => undefined);
    await pass(5 * minuteMs);
    expect(subscribed.calls.length).toBeGreaterThanOrEqual(2);
    await stop();
  });

  test("is made once more, and not every few seconds, where the store takes no result", async () => {
    const clock = new FakeClock();
    const store = new SharedStore(clock);
    const { subscribed, pass, stop, expiresAtMs } = world({ clock, store: store.seen() });
    subscribed.answer = async () => {
      store.isDown = true;
      return { expiresAtMs: clock.now() + 7 * dayMs };
    };
    await pass(hourMs);
    expect(subscribed.calls).toHaveLength(1);
    store.isDown = false;
    await pass(hourMs);
    expect(subscribed.calls).toHaveLength(1);
    expect(expiresAtMs()).toBeGreaterThan(clock.now());
    await stop();
  });

  test.each([
    ["ahead by a year", (clock: FakeClock) => clock.now() + 365 * dayMs],
    ["behind by a year", (clock: FakeClock) => clock.now() - 365 * dayMs],
  ])("is not held up by a clock that was %s when it was made", async (_, wrongMs) => {
    const clock = new FakeClock();
    const store = new SharedStore(clock).seen();
    const rightMs = clock.now();
    clock.set(wrongMs(clock));
    const first = world({ clock, store });
    await first.pass(minuteMs);
    await first.stop();
    clock.set(rightMs);
    const second = world({ clock, store });
    await second.pass(hourMs);
    expect(second.subscribed.calls).toHaveLength(1);
    await second.stop();
  });
});

describe("a source", () => {
  test("is unhealthy once a person has to mend its renewal, and healthy after the next that succeeds", async () => {
    const { subscribed, pass, stop, health, lines } = world();
    subscribed.answer = rejecting(forbidden);
    await pass(2 * hourMs);
    expect(health.state).toMatchObject({ status: "unhealthy", code: "DEMO_FORBIDDEN", hint: "grant the right" });
    expect(lines.filter(({ message }) => message === "a source is unhealthy")).toHaveLength(1);
    expect(subscribed.calls.length).toBeLessThan(12);
    subscribed.answer = new SubscribedSource(subscribed.clock).answer;
    await pass(2 * hourMs);
    expect(health.state.status).toBe("ok");
    await stop();
  });

  test("is unhealthy when a part of it cannot be renewed, and expires with what could", async () => {
    const { subscribed, pass, stop, health, clock, expiresAtMs, lines } = world();
    const failed = new ConnectorsError({ code: "DEMO_FORBIDDEN", message: "1 of 2 boxes: ann is gone", hint: "remove ann" });
    subscribed.answer = async () => ({ expiresAtMs: clock.now() + subscribed.lifeMs, failed });
    await pass(2 * dayMs);
    expect(health.state).toMatchObject({ status: "unhealthy", code: "DEMO_FORBIDDEN", hint: "remove ann" });
    expect(health.state).toMatchObject({ message: expect.stringContaining("1 of 2 boxes: ann is gone") as string });
    expect(expiresAtMs()).toBeGreaterThan(clock.now() + 6 * dayMs);
    expect(lines.filter(({ message }) => message === "a source is unhealthy")).toHaveLength(1);
    subscribed.answer = new SubscribedSource(clock).answer;
    await pass(2 * hourMs);
    expect(health.state.status).toBe("ok");
    await stop();
  });

  test("is unhealthy when renewals fail for six hours, and not before while what was renewed lasts", async () => {
    const { subscribed, pass, stop, health } = world();
    await pass(minuteMs);
    subscribed.answer = rejecting(unavailable);
    await pass(dayMs + 4 * hourMs);
    expect(health.state.status).not.toBe("unhealthy");
    await pass(4 * hourMs);
    expect(health.state).toMatchObject({ status: "unhealthy", code: "DEMO_UNAVAILABLE" });
    await stop();
  });

  test("is unhealthy when it expires in less than 48 hours, and says when", async () => {
    const { subscribed, pass, stop, health } = world();
    subscribed.lifeMs = 47 * hourMs;
    await pass(minuteMs);
    expect(health.state).toMatchObject({
      status: "unhealthy",
      code: "PULL_WATCH_EXPIRING",
      message: expect.stringContaining("demo/one expires at 2026-01-02T23:") as string,
    });
    await stop();
  });

  test("is healthy where its provider grants less and its connector says so", async () => {
    const { subscribed, pass, stop, health, clock } = world();
    subscribed.answer = async () => ({ expiresAtMs: clock.now() + 4 * hourMs, warnBeforeMs: hourMs });
    await pass(2 * dayMs);
    expect(health.state.status).not.toBe("unhealthy");
    await stop();
  });

  test.each([
    ["in the past", (nowMs: number) => ({ expiresAtMs: nowMs - 1 })],
    ["in seconds", (nowMs: number) => ({ expiresAtMs: Math.floor(nowMs / 1_000) + 7 * 86_400 })],
    ["in microseconds", (nowMs: number) => ({ expiresAtMs: nowMs * 1_000 })],
    ["that is a text", (nowMs: number) => ({ expiresAtMs: String(nowMs + dayMs) })],
    ["that is not there", () => ({})],
    ["that is no number", () => ({ expiresAtMs: Number.NaN })],
    ["of no object", () => undefined],
  ])("is unhealthy when its connector answers an expiry %s, and is called again in hours, not seconds", async (_, answer) => {
    const { subscribed, pass, stop, health, clock, expiresAtMs } = world();
    subscribed.answer = async () => answer(clock.now()) as Renewal;
    await pass(3 * hourMs);
    expect(health.state).toMatchObject({ status: "unhealthy", code: "PULL_EXPIRY_INVALID" });
    expect(subscribed.calls.length).toBeLessThan(12);
    expect(expiresAtMs()).toBeUndefined();
    await stop();
  });
});

test("a stop ends a renewal that ignores its signal within a few seconds", async () => {
  const { subscribed, pass, watches } = world();
  subscribed.answer = () => new Promise(() => undefined);
  await pass(secondMs);
  let hasStopped = false;
  const stopping = watches.stop().then(() => (hasStopped = true));
  await pass(4 * secondMs);
  expect(hasStopped).toBe(true);
  await stopping;
});

test("the first renewals of many entries are spread", async () => {
  const clock = new FakeClock();
  const { subscribed, pass, stop } = world({ clock, random: () => 0.999 });
  await pass(minuteMs);
  expect(subscribed.calls[0]).toBeGreaterThan(Date.UTC(2026, 0, 1));
  expect(subscribed.calls[0]).toBeLessThan(Date.UTC(2026, 0, 1) + secondMs);
  await stop();
});
