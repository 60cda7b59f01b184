import { expect, test } from "vitest";
import { keySetWalk, type KeysetState } from "../../src/paging/index.ts";
import { seededRandom } from "../seeded-random.ts";
import { type ListRules, MovingList } from "./moving-list.ts";
import { dayMs, plain, startMs, toldOf, walkOf } from "./walk-moving-list.ts";

const ways = [
  plain,
  { ...plain, links: "cursor" },
  { ...plain, links: "none" },
  { ...plain, grainMs: 60_000, rowGrainMs: 1_000, isExclusive: true },
] satisfies ListRules[];

test.each(ways)(
  "runs that end in the middle of a page lose no row and no change ($grainMs ms, rows $rowGrainMs ms, $links links, exclusive $isExclusive)",
  async (rules) => {
    const random = seededRandom();
    const pick = (count: number) => Math.floor(random() * count);
    const list = new MovingList(startMs - dayMs, rules);
    for (let row = 0; row < 60; row += 1) {
      list.add();
      if (pick(3) > 0) list.nowMs += pick(90_000);
    }
    list.nowMs = startMs;
    const told = new Set<string>();
    let state: KeysetState<number> = { seen: {} };
    for (let round = 0; round < 60; round += 1) {
      const isLast = round === 59;
      for await (const { rows, state: behind, stateWithin } of keySetWalk(walkOf(list), state)) {
        const done = isLast ? rows : rows.slice(0, pick(rows.length + 1));
        for (const row of toldOf(done)) told.add(row);
        const isWhole = done.length === rows.length;
        state = JSON.parse(JSON.stringify(isWhole ? behind : stateWithin(done))) as KeysetState<number>;
        if (!isWhole) break;
      }
      if (round < 40) list.touch(1 + pick(60));
      if (!isLast) list.nowMs += pick(8_000);
    }

    expect(list.truth().filter((row) => !told.has(row))).toEqual([]);
  },
);

test("a page that is read again leaves out the rows that were safe, and is not answered by its ETag", async () => {
  const list = new MovingList(startMs - dayMs, plain);
  for (let row = 0; row < 5; row += 1) {
    list.add();
    list.nowMs += 60_000;
  }
  list.nowMs = startMs;
  const idle = { seen: {}, etag: '"an older page"' };
  for await (const { rows, stateWithin } of keySetWalk(walkOf(list), idle)) {
    const within = stateWithin(rows.slice(0, 3));
    const again: string[] = [];
    for await (const page of keySetWalk(walkOf(list), within)) again.push(...toldOf(page.rows));

    expect(within.etag).toBeUndefined();
    expect(again).toEqual(["4 v1", "5 v1"]);
  }
});
