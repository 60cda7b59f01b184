import { parseSchedule } from "@statewave-connectors/config";
import { ConnectorsError, type PullSource } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import type { OpenedPull } from "../../src/pull/opened-pull.ts";
import { NumberedSource, pullWorld } from "./pull-fixture.ts";

const one = { kind: "demo", name: "one" };
const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `number ${from + index}`);

/** The entry `one` with another source or schedule. */
function opened(source: PullSource, text = "0 * * * *"): OpenedPull {
  const schedule = parseSchedule(text, { timezone: "UTC", key: "demo/one" });
  const entry = { ...one, schedule, dryRun: false, catchUp: "once", options: {} } as const;
  return { key: one, entry, connectorVersion: "2.0.0", source, isTwin: false };
}

describe("a source that a reload changes", () => {
  test("ends its run at the next checkpoint, and its new options read the rest: nothing is read twice", async () => {
    const [former, next] = [new NumberedSource(9), new NumberedSource(9)];
    const world = pullWorld({ sources: { one: former } });
    let changed: Promise<void> | undefined;
    former.beforePage = async (first) => {
      if (first === 3) changed = world.scheduler.put(opened(next), undefined);
    };
    await world.scheduler.start();
    await world.pass(hourMs + secondMs);
    await changed;
    await world.pass(minuteMs);
    expect([former.runs, next.runs]).toEqual([[undefined], ["6"]]);
    expect(world.received).toEqual(numbers(0, 9));
    expect(world.failures).toEqual([]);
    const [state] = await world.store.list();
    expect(state).toMatchObject({ cursor: "9", epoch: 2 });
  });

  test("changes at once while no run is under way, and follows its new schedule", async () => {
    const [former, next] = [new NumberedSource(3), new NumberedSource(6)];
    const world = pullWorld({ sources: { one: former } });
    await world.scheduler.start();
    await world.scheduler.put(opened(next, "*/10 * * * *"), undefined);
    await world.pass(10 * minuteMs + secondMs);
    expect([former.runs, next.runs]).toEqual([[], [undefined]]);
    expect(world.scheduler.nextDueMs(one)).toBe(world.clock.now() - (world.clock.now() % (10 * minuteMs)) + 10 * minuteMs);
  });

  test("is read at once when its last run failed, however far its next due is", async () => {
    const [former, next] = [new NumberedSource(3), new NumberedSource(3)];
    former.beforePage = () => Promise.reject(new ConnectorsError({ code: "DEMO_TOKEN", message: "the token is revoked" }));
    const world = pullWorld({ sources: { one: former } });
    await world.scheduler.start();
    await world.pass(hourMs + secondMs);
    expect(world.failures).not.toEqual([]);
    await world.scheduler.put(opened(next, "0 0 1 1 *"), undefined);
    await world.pass(secondMs);
    expect(world.received).toEqual(numbers(0, 3));
  });

  test("has the latter of two changes that come during one run", async () => {
    const [former, second, third] = [new NumberedSource(9), new NumberedSource(9), new NumberedSource(9)];
    const world = pullWorld({ sources: { one: former } });
    former.beforePage = async (first) => {
      if (first !== 3) return;
      void world.scheduler.put(opened(second), undefined);
      void world.scheduler.put(opened(third), undefined);
    };
    await world.scheduler.start();
    await world.pass(hourMs + minuteMs);
    expect([second.runs, third.runs]).toEqual([[], ["6"]]);
  });

  test("stays paused by an operator", async () => {
    const next = new NumberedSource(3);
    const world = pullWorld({ sources: { one: new NumberedSource(3) } });
    world.scheduler.setPaused(one, true);
    await world.scheduler.start();
    await world.scheduler.put(opened(next), undefined);
    await world.pass(2 * hourMs);
    expect(next.runs).toEqual([]);
  });
});

describe("a source that a reload removes", () => {
  test("ends its run at the next checkpoint, releases its lease and runs no more", async () => {
    const source = new NumberedSource(9);
    const world = pullWorld({ sources: { one: source } });
    let removed: Promise<void> | undefined;
    source.beforePage = async (first) => {
      if (first === 3) removed = world.scheduler.remove(one);
    };
    await world.scheduler.start();
    await world.pass(hourMs + secondMs);
    await removed;
    await world.pass(3 * hourMs);
    expect(source.runs).toHaveLength(1);
    expect(world.received).toEqual(numbers(0, 6));
    const [state] = await world.store.list();
    expect(state).toMatchObject({ cursor: "6", openDueMs: expect.any(Number) });
    expect(state).not.toHaveProperty("lease");
    await expect(world.scheduler.runForPerson(one)).rejects.toMatchObject({ code: "RUNNER_ENTRY_UNKNOWN" });
    expect(world.scheduler.armed).toBe(0);
  });

  test("leaves the queue, and gives back a lease that is granted to it at that moment", async () => {
    const source = new NumberedSource(3);
    const world = pullWorld({ sources: { one: source } });
    await world.scheduler.start();
    const refused = world.scheduler.runForPerson(one).catch((error: unknown) => error);
    await world.scheduler.remove(one);
    await world.pass(minuteMs);
    expect(await refused).toMatchObject({ code: "RUNNER_ENTRY_UNKNOWN" });
    expect(source.runs).toEqual([]);
    expect((await world.store.list()).filter(({ lease }) => lease !== undefined)).toEqual([]);
  });

  test("resumes from its cursor when a reload adds it again", async () => {
    const [former, next] = [new NumberedSource(3), new NumberedSource(6)];
    const world = pullWorld({ sources: { one: former } });
    await world.scheduler.start();
    await world.pass(hourMs + secondMs);
    await world.scheduler.remove(one);
    const [state] = await world.store.list();
    await world.scheduler.put(opened(next), state);
    await world.pass(hourMs);
    expect(next.runs).toEqual(["3"]);
    expect(world.received).toEqual(numbers(0, 6));
  });
});
