import { describe, expect, test } from "vitest";
import { NumberedSource, pullWorld } from "./pull-fixture.ts";

const one = { kind: "demo", name: "one" };
const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => `number ${index}`);

describe("a source that an operator has paused", () => {
  test("runs no due, and after the resume reads what is missing in one run at once", async () => {
    const source = new NumberedSource(4);
    const world = pullWorld({ sources: { one: source } });
    world.scheduler.setPaused(one, true);
    await world.scheduler.start();
    await world.pass(3 * hourMs + minuteMs);
    expect(source.runs).toEqual([]);
    expect(world.dues).toEqual(["one paused 1", "one paused 1", "one paused 1"]);
    world.scheduler.setPaused(one, false);
    await world.pass(secondMs);
    expect(world.received).toEqual(numbers(4));
    expect(world.dues.at(-1)).toBe("one caught_up 1");
    await world.pass(hourMs);
    expect(source.runs).toHaveLength(2);
  });

  test("waits for its next due after the resume if missed dues are skipped", async () => {
    const source = new NumberedSource(4);
    const world = pullWorld({ sources: { one: source }, entry: { catchUp: "skip" } });
    await world.scheduler.start();
    world.scheduler.setPaused(one, true);
    await world.pass(hourMs + minuteMs);
    world.scheduler.setPaused(one, false);
    await world.pass(30 * minuteMs);
    expect(source.runs).toEqual([]);
    await world.pass(hourMs);
    expect(source.runs).toHaveLength(1);
  });

  test("ends its run at the next checkpoint, and resumes it from there", async () => {
    const source = new NumberedSource(9);
    const world = pullWorld({ sources: { one: source }, schedule: "0 0 1 * *" });
    source.beforePage = async (first) => {
      if (first === 3 && source.runs.length === 1) world.scheduler.setPaused(one, true);
    };
    await world.scheduler.start();
    await world.pass(31 * 24 * hourMs + secondMs);
    expect(world.received).toEqual(numbers(6));
    expect(await world.store.get(one)).toBe("6");
    await world.pass(10 * 24 * hourMs);
    expect(source.runs).toHaveLength(1);
    world.scheduler.setPaused(one, false);
    await world.pass(secondMs);
    expect(source.runs).toEqual([undefined, "6"]);
    expect(world.received).toEqual(numbers(9));
    expect(world.failures).toEqual([]);
  });

  test("is not claimed when it waits for a slot at that moment", async () => {
    const gate = Promise.withResolvers<void>();
    const [busy, waiting] = [new NumberedSource(1), new NumberedSource(1)];
    busy.beforePage = () => gate.promise;
    const world = pullWorld({ sources: { busy, one: waiting }, maxConcurrentSyncs: 1, random: () => 0 });
    await world.scheduler.start();
    await world.pass(hourMs);
    const isBusyFirst = busy.runs.length === 1;
    world.scheduler.setPaused(one, true);
    gate.resolve();
    await world.pass(10 * secondMs);
    expect([busy.runs.length, isBusyFirst ? waiting.runs.length : 0]).toEqual([1, 0]);
  });

  test("refuses runs that programs request, those that wait too, and owes them one after the resume", async () => {
    const source = new NumberedSource(3);
    const gate = Promise.withResolvers<void>();
    source.beforePage = () => gate.promise;
    const world = pullWorld({ sources: { one: source }, schedule: "0 0 1 1 *" });
    await world.scheduler.start();
    const running = world.scheduler.runForProgram(one);
    await world.pass(secondMs);
    const waiting = world.scheduler.runForProgram(one);
    world.scheduler.setPaused(one, true);
    await expect(waiting).rejects.toMatchObject({ code: "PULL_PAUSED", retryable: true });
    await expect(world.scheduler.runForProgram(one)).rejects.toMatchObject({ code: "PULL_PAUSED" });
    gate.resolve();
    await world.pass(secondMs);
    expect(await running).toMatchObject({ type: "partial", reason: "paused" });
    world.scheduler.setPaused(one, false);
    await world.pass(secondMs);
    expect(source.runs).toEqual([undefined, "3"]);
    await world.pass(hourMs);
    expect(source.runs).toHaveLength(2);
  });

  test("is run to its end by a person", async () => {
    const source = new NumberedSource(9);
    const world = pullWorld({ sources: { one: source } });
    await world.scheduler.start();
    world.scheduler.setPaused(one, true);
    const outcome = world.scheduler.runForPerson(one);
    await world.pass(secondMs);
    expect(await outcome).toMatchObject({ type: "done" });
    expect(world.received).toEqual(numbers(9));
  });

  test("stays paused in a process that takes over, and resumed where the other one left off", async () => {
    const before = pullWorld({ sources: { one: new NumberedSource(9) } });
    before.scheduler.setPaused(one, true);
    await before.scheduler.start();
    await before.pass(2 * hourMs);
    await before.scheduler.stop(AbortSignal.abort());

    const source = new NumberedSource(9);
    const after = pullWorld({ sources: { one: source }, clock: before.clock, store: before.store });
    after.scheduler.setPaused(one, true);
    await after.scheduler.start();
    await after.pass(2 * hourMs);
    expect(source.runs).toEqual([]);
    after.scheduler.setPaused(one, false);
    await after.pass(secondMs);
    expect(after.received).toEqual(numbers(9));
  });
});
