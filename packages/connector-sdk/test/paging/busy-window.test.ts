import { expect, test } from "vitest";
import { ConnectorsError } from "../../src/index.ts";
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

test("a window of more pages than the provider numbers ends with its error, and is read from its beginning by the next run", async () => {
  const list = new MovingList(startMs - dayMs, plain);
  for (let row = 0; row < 40; row += 1) list.add();
  list.nowMs = startMs;
  const tooMany = new ConnectorsError({ code: "ACME_TOO_MANY_PAGES", message: "there is no page 4" });
  const walk = walkOf(list, {
    fetchPage: async (position, size) => {
      const page = Number(new URL(position.next ?? "https://acme.test/rows?page=1").searchParams.get("page"));
      if (page > 3) throw tooMany;
      return list.fetch(position, size);
    },
  });
  const first = await run(walk, { seen: {} });
  const stuck = await run(walk, first.state);
  // Changed rows leave the window.
  for (let id = 1; id <= 25; id += 1) {
    list.touch(id);
    list.nowMs += 10_000;
  }
  list.nowMs += dayMs;
  const second = await run(walk, stuck.state);

  expect([first.error, stuck.error]).toEqual([tooMany, tooMany]);
  expect(second.error).toBeUndefined();
  const told = new Set(toldOf([...first.rows, ...stuck.rows, ...second.rows]));
  expect(list.truth().filter((row) => !told.has(row))).toEqual([]);
});
