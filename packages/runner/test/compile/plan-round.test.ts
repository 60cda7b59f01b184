import { describe, expect, test } from "vitest";
import { mergeTouches, planRound } from "../../src/compile/plan-round.ts";
import type { Touch } from "../../src/compile/touch.ts";

const minuteMs = 60_000;
const nowMs = 1_000 * minuteMs;
const times = { quietMs: minuteMs, atMostMs: 10 * minuteMs };
const touch = (subject: string, changes: Partial<Touch> = {}): Touch => ({
  subject,
  firstMs: nowMs,
  lastMs: nowMs,
  failures: 0,
  ...changes,
});
const due = (...touches: readonly Touch[]) => planRound(touches, times, nowMs, 5_000).due.map(({ subject }) => subject);
const ago = (minutes: number) => nowMs - minutes * minuteMs;

describe("a subject", () => {
  test("is due when it rested: a quarter longer than `quiet`, because changes within a quarter are not recorded", () => {
    expect(due(touch("a", { firstMs: ago(1.24), lastMs: ago(1.24) }))).toEqual([]);
    expect(due(touch("a", { firstMs: ago(1.25), lastMs: ago(1.25) }))).toEqual(["a"]);
  });

  test("that keeps changing is due in time to be compiled `at_most` after its first change", () => {
    expect(due(touch("a", { firstMs: ago(8.9) }))).toEqual([]);
    expect(due(touch("a", { firstMs: ago(9) }))).toEqual(["a"]);
  });

  test("rests since its latest change in any process", () => {
    const old = touch("a", { firstMs: ago(2), lastMs: ago(2) });
    expect(due(old, touch("a"))).toEqual([]);
    expect(due(old, touch("b"))).toEqual(["a"]);
  });

  test("that failed is left alone for longer each time, whatever changes meanwhile", () => {
    const failed = (failures: number, minutes: number) => touch("a", { firstMs: ago(60), lastMs: ago(minutes), failures });
    expect(due(failed(1, 0.9))).toEqual([]);
    expect(due(failed(1, 1))).toEqual(["a"]);
    expect(due(failed(3, 3.9), touch("a"))).toEqual([]);
    expect(due(failed(3, 4))).toEqual(["a"]);
    expect(due(failed(40, 59))).toEqual([]);
    expect(due(failed(40, 60))).toEqual(["a"]);
  });

  test("that a clock far ahead touched is due at once instead of then", () => {
    expect(due(touch("a", { lastMs: nowMs + 0.9 * minuteMs }))).toEqual([]);
    expect(due(touch("a", { firstMs: nowMs + 60 * minuteMs, lastMs: nowMs + 60 * minuteMs }))).toEqual(["a"]);
    expect(due(touch("a", { lastMs: nowMs + 120 * minuteMs, failures: 1 }))).toEqual(["a"]);
  });
});

test("what has been due for the longest comes first", () => {
  const rested = (subject: string, minutes: number) => touch(subject, { firstMs: ago(minutes), lastMs: ago(minutes) });
  expect(due(rested("b", 2), rested("c", 5), touch("a", { firstMs: ago(30) }))).toEqual(["a", "c", "b"]);
});

test("what is overdue comes before what rested for long, unless it has failed", () => {
  const overdue = touch("overdue", { firstMs: ago(9.1) });
  const failed = touch("failed", { firstMs: ago(60), lastMs: ago(3), failures: 1 });
  expect(due(touch("rested", { firstMs: ago(5), lastMs: ago(5) }), failed, overdue)).toEqual(["overdue", "rested", "failed"]);
});

test("subjects that were touched in the last seconds are counted", () => {
  const touches = [touch("a"), touch("a", { firstMs: ago(3) }), touch("b", { lastMs: ago(1) }), touch("c", { failures: 1 })];
  expect(planRound(touches, times, nowMs, 5_000).lately).toBe(1);
});

test("touches of one subject become one from its first change to its latest", () => {
  expect(mergeTouches([touch("a", { firstMs: 5, lastMs: 6 }), touch("a", { firstMs: 3, lastMs: 4, failures: 2 })])).toEqual(
    touch("a", { firstMs: 3, lastMs: 6, failures: 2 }),
  );
});
