import { ConnectorsError, type PullSource } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { NumberedSource, pullWorld } from "./pull-fixture.ts";

const one = { kind: "demo", name: "one" };
const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const numbers = (first: number, count: number) => Array.from({ length: count }, (_, index) => `number ${first + index}`);

test("a run reads the parts first that all requests before it named, and the run after it those that came later", async () => {
  const source = new NumberedSource(3);
  const causes: unknown[] = [];
  const pages = source.pages.bind(source);
  const gate = Promise.withResolvers<void>();
  source.beforePage = () => gate.promise;
  const noticing: PullSource = {
    pages(cursor, signal, cause) {
      causes.push(cause);
      return pages(cursor, signal);
    },
  };
  const world = pullWorld({ sources: { one: noticing } });
  const named = (...parts: readonly string[]) => world.scheduler.runForProgram(one, () => parts);
  const first = [named("a"), named(), named("b", "a")];
  await world.pass(secondMs);
  const second = named("c");
  gate.resolve();
  await Promise.all(first);
  await world.pass(secondMs);
  await second;
  expect(causes).toEqual([{ parts: ["a", "b"] }, { parts: ["c"] }]);
});

describe("runForPerson", () => {
  test("runs a source now, without touching its schedule", async () => {
    const world = pullWorld({ sources: { one: new NumberedSource(4) } });
    const ran = world.scheduler.runForPerson(one);
    await world.pass(secondMs);
    await expect(ran).resolves.toMatchObject({ type: "done", report: { episodes: 4, delivered: 4 } });
    expect(world.dues).toEqual([]);
  });

  test("resolves with a run that began after the request", async () => {
    const source = new NumberedSource(3);
    const gate = Promise.withResolvers<void>();
    source.beforePage = () => gate.promise;
    const world = pullWorld({ sources: { one: source } });
    const first = world.scheduler.runForPerson(one);
    await world.pass(secondMs);
    const second = world.scheduler.runForPerson(one);
    gate.resolve();
    await first;
    source.count = 5;
    await world.pass(secondMs);
    await expect(second).resolves.toMatchObject({ type: "done", report: { episodes: 2 } });
    expect(source.runs).toEqual([undefined, "3"]);
  });

  test("runs a source at once whose run ended at max_items, and leaves the rest to the next due", async () => {
    const source = new NumberedSource(9);
    const world = pullWorld({ sources: { one: source }, entry: { maxItems: 3 } });
    await world.scheduler.start();
    await world.pass(hourMs + minuteMs);
    const ran = world.scheduler.runForPerson(one);
    await world.pass(secondMs);
    await expect(ran).resolves.toMatchObject({ type: "partial", report: { episodes: 3 } });
    expect(world.received).toEqual(numbers(0, 6));
    await world.pass(hourMs);
    expect(world.received).toEqual(numbers(0, 9));
    expect(world.dues).toEqual(["one run 1", "one run 1"]);
  });

  test("runs a source at once although its due waits for the resume of another process", async () => {
    const world = pullWorld({ sources: { one: new NumberedSource(3) } });
    const acquire = world.store.acquire.bind(world.store);
    let ran: Promise<unknown> | undefined;
    world.store.acquire = async (requests, limit) => {
      if (requests.every(({ dueMs }) => dueMs === undefined)) return acquire(requests, limit);
      ran ??= world.scheduler.runForPerson(one);
      return requests.map(() => ({ granted: false, reason: "waiting", retryInMs: 20 * minuteMs }));
    };
    await world.scheduler.start();
    await world.pass(hourMs + secondMs);
    await expect(ran).resolves.toMatchObject({ type: "done", report: { episodes: 3 } });
  });

  test("is refused while another process runs the source", async () => {
    const source = new NumberedSource(3);
    source.beforePage = () => new Promise(() => undefined);
    const first = pullWorld({ sources: { one: source } });
    const second = pullWorld({ sources: { one: new NumberedSource(3) }, clock: first.clock, store: first.store });
    void first.scheduler.runForPerson(one);
    await first.pass(secondMs);
    const refusal = second.scheduler.runForPerson(one).catch((error: unknown) => error);
    await first.pass(secondMs);
    expect(await refusal).toMatchObject({ code: "PULL_BUSY", message: "another process runs demo/one now" });
  });

  test("of a source that the sink pauses is refused with the end of the pause", async () => {
    const world = pullWorld({ sources: { one: new NumberedSource(3) } });
    const untilMs = world.clock.now() + hourMs;
    Object.assign(world.delivery, { pausedUntilMs: () => untilMs });
    const refusal = world.scheduler.runForPerson(one).catch((error: unknown) => error);
    await world.pass(secondMs);
    expect(await refusal).toMatchObject({ code: "SINK_SOURCE_PAUSED", retryAtMs: untilMs });
  });

  test("of an unknown source says so", async () => {
    const world = pullWorld({ sources: {} });
    await expect(world.scheduler.runForPerson(one)).rejects.toMatchObject({ code: "RUNNER_ENTRY_UNKNOWN" });
    const other = pullWorld({ sources: { ones: new NumberedSource(3) } });
    await expect(other.scheduler.runForPerson(one)).rejects.toMatchObject({ hint: "did you mean demo/ones?" });
  });
});

describe("runForProgram", () => {
  /** A source whose provider wants an hour without requests, from its first request on. */
  function limitedWorld() {
    const source = new NumberedSource(3);
    const untilMs = { current: Number.NaN };
    const world = pullWorld({ sources: { one: source } });
    source.beforePage = async () => {
      if (Number.isNaN(untilMs.current)) untilMs.current = world.clock.now() + hourMs;
      if (world.clock.now() >= untilMs.current) return;
      throw new ConnectorsError({ code: "DEMO_RATE_LIMITED", message: "slow down", retryAtMs: untilMs.current });
    };
    return { world, source, untilMs };
  }

  test("is refused until a pause of the provider is over, which runForPerson does not wait for", async () => {
    const { world, source, untilMs } = limitedWorld();
    const first = world.scheduler.runForProgram(one);
    await world.pass(secondMs);
    await expect(first).resolves.toMatchObject({ type: "failed", error: { code: "DEMO_RATE_LIMITED" } });
    await expect(world.scheduler.runForProgram(one)).rejects.toMatchObject({ retryAtMs: untilMs.current });
    expect(source.runs).toHaveLength(1);
    const requested = world.scheduler.runForPerson(one);
    await world.pass(secondMs);
    await expect(requested).resolves.toMatchObject({ type: "failed" });
    expect(source.runs).toHaveLength(2);
    await world.pass(hourMs);
    const later = world.scheduler.runForProgram(one);
    await world.pass(secondMs);
    await expect(later).resolves.toMatchObject({ type: "done" });
  });

  test("is refused, too, where it was requested while the run was under way that meets the limit", async () => {
    const { world, source, untilMs } = limitedWorld();
    const { beforePage } = source;
    const gate = Promise.withResolvers<void>();
    source.beforePage = (...page) => gate.promise.then(() => beforePage(...page));
    const first = world.scheduler.runForProgram(one);
    await world.pass(secondMs);
    const second = world.scheduler.runForProgram(one).catch((error: unknown) => error);
    gate.resolve();
    await first;
    await world.pass(secondMs);
    expect(await second).toMatchObject({ code: "DEMO_RATE_LIMITED", retryAtMs: untilMs.current });
    expect(source.runs).toHaveLength(1);
  });
});
