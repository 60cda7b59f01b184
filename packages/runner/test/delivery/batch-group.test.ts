import { describe, expect, it } from "vitest";
import { type BatchGroup, freshGroup, narrowRefused, planFailed } from "../../src/delivery/batch-group.ts";

const group = (count: number) =>
  freshGroup(
    Array.from({ length: count }, (_, index) => index),
    0,
  );
const items = (groups: readonly BatchGroup<number>[]) => groups.map((part) => part.items);

describe("a refused group", () => {
  it("sends the named items alone and the rest together", () => {
    expect(items(narrowRefused(group(5), [1, 3]))).toEqual([[0, 2, 4], [1], [3]]);
    expect(items(narrowRefused(group(2), [0, 1]))).toEqual([[0], [1]]);
  });

  it("is halved when nothing, or nothing that exists, is named", () => {
    expect(items(narrowRefused(group(5), undefined))).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect(items(narrowRefused(group(2), [7, -1]))).toEqual([[0], [1]]);
  });

  it.each([undefined, 2, 3])("always falls into smaller parts that are together the whole (%s named)", (every) => {
    for (let count = 2; count <= 100; count += 1) {
      const all = group(count).items;
      const parts = items(
        narrowRefused(group(count), every === undefined ? undefined : all.filter((item) => item % every === 0)),
      );
      expect(parts.every((part) => part.length < count && part.length > 0)).toBe(true);
      expect(parts.flat().toSorted((left, right) => left - right)).toEqual(all);
    }
  });
});

describe("a failed group", () => {
  const failure = { suspect: true, acceptedNow: 0, nowMs: 1000, random: () => 1 };

  it("stays whole through an outage that says nothing about it, and may be tried again at once", () => {
    let current = group(100);
    for (let round = 0; round < 50; round += 1) {
      const plan = planFailed(current, { ...failure, suspect: false });
      expect(plan).toMatchObject({ sinkWorks: false });
      expect(items(plan.groups)).toEqual([group(100).items]);
      current = plan.groups[0]!;
      expect(current.notBeforeMs).toBe(1000);
    }
  });

  it("is halved at the second 500 and each one after it", () => {
    const first = planFailed(group(8), failure).groups;
    expect(first.map((part) => part.items.length)).toEqual([8]);
    const second = planFailed(first[0]!, failure).groups;
    expect(second.map((part) => part.items.length)).toEqual([4, 4]);
    expect(planFailed(second[0]!, failure).groups.map((part) => part.items.length)).toEqual([2, 2]);
  });

  it("is halved for any failure once others pass, and rests before the next try", () => {
    const first = planFailed(group(8), { ...failure, suspect: false, acceptedNow: 10 });
    expect(first.sinkWorks).toBe(true);
    expect(first.groups[0]!.notBeforeMs).toBeGreaterThan(1000);
    const second = planFailed(first.groups[0]!, { ...failure, suspect: false, acceptedNow: 20 });
    expect(second.groups.map((part) => part.items.length)).toEqual([4, 4]);
  });

  it("of one item is buried after five 500s over five minutes, others accepted before each", () => {
    const nowMs: number[] = [];
    let current: BatchGroup<number> = group(1);
    let at = 1000;
    for (let accepted = 1; ; accepted += 1) {
      nowMs.push(at);
      const [next] = planFailed(current, { ...failure, acceptedNow: accepted, nowMs: at }).groups;
      if (next === undefined) break;
      current = next;
      at = next.notBeforeMs;
    }
    expect(nowMs).toHaveLength(5);
    expect(nowMs.at(-1)! - nowMs[0]!).toBe(300_000);
  });

  it.each([
    ["nothing else is accepted", { suspect: true, acceptedStep: 0 }],
    ["the failures do not point at it", { suspect: false, acceptedStep: 1 }],
  ])("of one item is never buried while %s", (_, { suspect, acceptedStep }) => {
    let current: BatchGroup<number> = group(1);
    for (let round = 1; round <= 1000; round += 1) {
      const plan = planFailed(current, { ...failure, suspect, acceptedNow: round * acceptedStep, nowMs: round * 60_000 });
      expect(plan.groups).toHaveLength(1);
      current = plan.groups[0]!;
    }
  });

  it("of one item is not buried before five minutes are over, however fast it fails", () => {
    let current: BatchGroup<number> = group(1);
    for (let round = 1; round <= 100; round += 1) {
      const plan = planFailed(current, { ...failure, acceptedNow: round, nowMs: 1000 + round * 2_900 });
      expect(plan.groups).toHaveLength(1);
      current = plan.groups[0]!;
    }
  });
});
