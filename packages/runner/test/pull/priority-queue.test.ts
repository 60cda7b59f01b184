import { seededRandom } from "@statewave-connectors/testing";
import { describe, expect, test } from "vitest";
import { PriorityQueue } from "../../src/pull/priority-queue.ts";

describe("an agenda", () => {
  test("hands out its items in the order of their numbers", () => {
    const agenda = new PriorityQueue<string>();
    for (const [item, at] of [
      ["c", 3],
      ["a", 1],
      ["d", 4],
      ["b", 2],
    ] as const)
      agenda.put(item, at);
    expect(agenda.firstAt).toBe(1);
    expect([1, 2, 3, 4, 5].map(() => agenda.takeFirst()?.item)).toEqual(["a", "b", "c", "d", undefined]);
    expect(agenda.firstAt).toBe(Number.POSITIVE_INFINITY);
  });

  test("moves an item that is put in again, and knows it once", () => {
    const agenda = new PriorityQueue<string>();
    agenda.put("a", 1);
    agenda.put("b", 2);
    agenda.put("a", 3);
    expect(agenda.size).toBe(2);
    expect([agenda.takeFirst(), agenda.takeFirst()]).toEqual([
      { item: "b", at: 2 },
      { item: "a", at: 3 },
    ]);
  });

  test("does what a sorted list does through thousands of random changes", () => {
    const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
    const random = seededRandom(seed);
    const agenda = new PriorityQueue<number>();
    const list = new Map<number, number>();
    const firstOfList = () => Math.min(...list.values(), Number.POSITIVE_INFINITY);
    const actions = [
      (item: number, at: number) => {
        agenda.put(item, at);
        list.set(item, at);
      },
      (item: number) => {
        agenda.remove(item);
        list.delete(item);
      },
      () => {
        const taken = agenda.takeFirst();
        // Of several with the same number any may be the first.
        if (taken !== undefined && list.get(taken.item) === firstOfList()) list.delete(taken.item);
      },
    ];
    for (let step = 0; step < 5_000; step += 1) {
      const act = actions[Math.max(0, Math.floor(random() * 5) - 2)]!;
      act(Math.floor(random() * 200), Math.floor(random() * 1_000));
      const seen = { size: agenda.size, firstAt: agenda.firstAt };
      expect(seen, `seed ${seed}, step ${step}`).toEqual({ size: list.size, firstAt: firstOfList() });
    }
  });
});
