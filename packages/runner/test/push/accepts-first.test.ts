import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { AcceptsFirst } from "../../src/push/accepts-first.ts";

function world(busy: boolean) {
  const clock = new FakeClock();
  const changes: boolean[] = [];
  const state = { busy };
  const acceptsFirst: AcceptsFirst = new AcceptsFirst({
    clock,
    readUtilization: () => (state.busy ? 0.95 : 0.3),
    onChange: () => changes.push(acceptsFirst.givesWay),
  });
  const repeat = (count: number, step: () => void) => {
    for (let index = 0; index < count; index += 1) step();
  };
  return {
    clock,
    changes,
    state,
    acceptsFirst,
    accept: (count: number) => repeat(count, () => acceptsFirst.accepted()),
    take: (count: number) => repeat(count, () => acceptsFirst.taken()),
  };
}

describe("delivery", () => {
  test("does not give way while the main thread has time", () => {
    const { accept, take, changes } = world(false);
    accept(10);
    take(1_000);
    expect(changes).toEqual([]);
  });

  test("does not give way when no webhook comes, however busy it is", () => {
    const { take, changes } = world(true);
    take(1_000);
    expect(changes).toEqual([]);
  });

  test("gives way while webhooks keep a busy thread, and still gets one event for eight accepted", () => {
    const { accept, take, acceptsFirst } = world(true);
    accept(1);
    take(99);
    expect(acceptsFirst.givesWay).toBe(false);
    take(1);
    expect(acceptsFirst.givesWay).toBe(true);
    accept(8);
    expect(acceptsFirst.givesWay).toBe(false);
    take(1);
    expect(acceptsFirst.givesWay).toBe(true);
  });

  test("resumes as soon as no webhook came for a moment", async () => {
    const { clock, accept, take, changes } = world(true);
    accept(1);
    take(300);
    await clock.advance(50);
    accept(1);
    await clock.advance(100);
    expect(changes).toEqual([true]);
    await clock.advance(100);
    expect(changes).toEqual([true, false]);
  });

  test("resumes as soon as the thread has time, though webhooks still come", async () => {
    const { clock, state, accept, take, changes } = world(true);
    accept(1);
    take(300);
    state.busy = false;
    await clock.advance(99);
    accept(1);
    expect(changes).toEqual([true]);
    await clock.advance(1);
    accept(1);
    expect(changes).toEqual([true, false]);
  });
});
