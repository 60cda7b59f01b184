import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { describe, expect, test } from "vitest";
import { PriorityQueue } from "../../src/pull/priority-queue.ts";

describe("a priority queue", () => {
  test("hands out its items in the order of their numbers", () => {
    const queue = new PriorityQueue<string>();
    for (const [item, at] of [
      ["c", 3],
      ["a", 1],
      ["d", 4],
      ["b", 2],
    ] as const)
      queue.put(item, at);
    expect(queue.firstPriority).toBe(1);
    expect([1, 2, 3, 4, 5].map(() => queue.takeFirst()?.item)).toEqual(["a", "b", "c", "d", undefined]);
    expect(queue.firstPriority).toBe(Number.POSITIVE_INFINITY);
  });

  test("moves an item that is put in again, and knows it once", () => {
    const queue = new PriorityQueue<string>();
    queue.put("a", 1);
    queue.put("b", 2);
    queue.put("a", 3);
    expect(queue.size).toBe(2);
    expect([queue.takeFirst(), queue.takeFirst()]).toEqual([
      { item: "b", priority: 2 },
      { item: "a", priority: 3 },
    ]);
  });

  test("does what a sorted list does through thousands of random changes", () => {
    const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
    const random = seededRandom(seed);
    const queue = new PriorityQueue<number>();
    const list = new Map<number, number>();
    const firstOfList = () => Math.min(...list.values(), Number.POSITIVE_INFINITY);
    const actions = [
      (item: number, at: number) => {
        queue.put(item, at);
        list.set(item, at);
      },
      (item: number) => {
        queue.remove(item);
        list.delete(item);
      },
      () => {
        const taken = queue.takeFirst();
        // Of several with the same number any may be the first.
        if (taken !== undefined && list.get(taken.item) === firstOfList()) list.delete(taken.item);
      },
    ];
    for (let step = 0; step < 5_000; step += 1) {
      const act = actions[Math.max(0, Math.floor(random() * 5) - 2)]!;
      act(Math.floor(random() * 200), Math.floor(random() * 1_000));
      const seen = { size: queue.size, firstPriority: queue.firstPriority };
      expect(seen, `seed ${seed}, step ${step}`).toEqual({ size: list.size, firstPriority: firstOfList() });
    }
  });
});
