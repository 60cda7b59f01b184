import { expect, test } from "vitest";
import { toInstant } from "../../src/paging/index.ts";
import { MovingList } from "./moving-list.ts";
import { dayMs, plain, run, startMs, toldOf, walkOf } from "./walk-moving-list.ts";

test("a window whose rows leave it one by one, for more than a hundred passes, is read to its end", async () => {
  const list = new MovingList(startMs - dayMs, plain);
  for (let row = 0; row < 170; row += 1) list.add();
  list.nowMs += 60_000;
  for (let row = 0; row < 70; row += 1) list.add();
  list.nowMs = startMs;
  let left = 0;
  const walk = walkOf(list, {
    sizes: [30],
    firstSince: toInstant(startMs - dayMs),
    fetchPage: async (position, size) => {
      const read = list.fetch(position, size);
      // One more in each pass, long before the end of the window.
      if (read.next?.includes("page=2") === true && left < 130) list.touch((left += 1));
      return read;
    },
  });
  const { error, rows } = await run(walk, { since: toInstant(startMs - dayMs), seen: {} });
  list.nowMs += 300_000;

  expect([error, left]).toEqual([undefined, 130]);
  const told = new Set(toldOf([...rows, ...(await run(walkOf(list), { seen: {} })).rows]));
  expect(list.truth().filter((row) => !told.has(row))).toEqual([]);
});
