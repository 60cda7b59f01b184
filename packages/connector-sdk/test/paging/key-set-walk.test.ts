import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { ConnectorsError } from "../../src/index.ts";
import { type FutureTime, keySetWalk, type KeysetState, keysetState } from "../../src/paging/index.ts";
import { seededRandom } from "../seeded-random.ts";
import { type ListRules, MovingList } from "./moving-list.ts";
import { overloaded } from "./overloaded.ts";
import { dayMs, plain, run, startMs, toldOf, walkOf } from "./walk-moving-list.ts";

describe.each([
  plain,
  { ...plain, links: "cursor" },
  { ...plain, links: "none" },
  { ...plain, isExclusive: true },
  { ...plain, links: "none", isExclusive: true },
  { ...plain, grainMs: 1, rowGrainMs: 1 },
  { ...plain, grainMs: 60_000, rowGrainMs: 1 },
  { ...plain, grainMs: 60_000, rowGrainMs: 60_000, links: "cursor" },
  { ...plain, grainMs: 60_000, rowGrainMs: 1_000, isExclusive: true },
] satisfies ListRules[])(
  "a list that moves while it is read ($grainMs ms, rows $rowGrainMs ms, $links links, exclusive $isExclusive)",
  (rules) => {
    test("loses no row and no change", async () => {
      const random = seededRandom();
      const pick = (count: number) => Math.floor(random() * count);
      const list = new MovingList(startMs - dayMs, rules);
      for (let row = 0; row < 60; row += 1) {
        list.add();
        // Some share a time, as an import leaves them.
        if (pick(3) > 0) list.nowMs += pick(90_000);
      }
      list.nowMs = startMs;
      const work = () => {
        list.nowMs += pick(rules.grainMs === 60_000 ? 20_000 : 4_000);
        const lagMs = pick(4) === 0 ? pick(100_000) : 0;
        const id = 1 + pick(80);
        const deeds = [() => list.add(lagMs), () => list.touch(id, lagMs), () => list.touch(id), () => list.delete(id)];
        deeds[pick(deeds.length)]?.();
      };
      const told = new Set<string>();
      let state: KeysetState<number> = { seen: {} };
      const busy = walkOf(list, {
        fetchPage: async (position, size) => {
          if (list.requests > 20_000) throw new Error("it never ends");
          const read = list.fetch(position, size);
          if (list.requests % 3 !== 0) work();
          return read;
        },
      });
      for (let round = 0; round < 4; round += 1) {
        // Some runs are cut off, and resumed from the last page.
        const limit = pick(2) === 0 ? pick(5) : 40;
        let pages = 0;
        for await (const page of keySetWalk(busy, state)) {
          for (const row of toldOf(page.rows)) told.add(row);
          expect(Date.parse(page.state.since ?? startIso)).toBeGreaterThanOrEqual(Date.parse(state.since ?? startIso));
          state = JSON.parse(JSON.stringify(page.state)) as KeysetState<number>;
          pages += 1;
          if (pages > limit) break;
        }
        list.nowMs += pick(400_000);
      }
      list.nowMs += 300_000;
      const quiet = await run(walkOf(list), state);
      for (const row of toldOf(quiet.rows)) told.add(row);

      expect(quiet.error).toBeUndefined();
      expect(list.truth().filter((row) => !told.has(row))).toEqual([]);
    });

    test("reads a quiet list once, and then costs one request", async () => {
      const list = new MovingList(startMs - dayMs, rules);
      for (let row = 0; row < 30; row += 1) {
        list.add();
        list.nowMs += 7_000;
      }
      list.nowMs = startMs;
      const first = await run(walkOf(list), { seen: {} });
      list.nowMs += 3_600_000;
      const before = list.requests;
      const second = await run(walkOf(list), first.state);

      expect(toldOf(first.rows)).toEqual(list.truth());
      expect(second.rows).toEqual([]);
      expect(list.requests - before).toBeLessThanOrEqual(1);
    });
  },
);

const startIso = "1970-01-01T00:00:00Z";

describe("clocks that are wrong", () => {
  const listed = () => {
    const list = new MovingList(startMs - dayMs, plain);
    for (let row = 0; row < 20; row += 1) {
      list.add();
      list.nowMs += 60_000;
    }
    list.nowMs = startMs;
    return list;
  };

  test("a provider's clock that is years ahead once does not carry the walk there", async () => {
    const list = listed();
    const futures: FutureTime[] = [];
    let aheadMs = 10 * 365 * dayMs;
    const walk = walkOf(list, {
      onFutureTime: (future) => futures.push(future),
      fetchPage: async (position, size) => {
        const read = list.fetch(position, size);
        return { ...read, dateMs: read.dateMs + aheadMs };
      },
    });
    const first = await run(walk, { seen: {} });
    aheadMs = 0;
    list.nowMs += 60_000;
    const id = list.add();
    list.nowMs += 60_000;
    const second = await run(walk, first.state);

    expect(Date.parse(first.state.since ?? startIso)).toBeLessThanOrEqual(startMs);
    expect(toldOf(second.rows)).toContain(`${id} v1`);
    expect(futures).toEqual([{ what: "provider_clock", at: expect.stringContaining("2035-") }]);
  });

  test("a row of the future does not carry the walk there", async () => {
    const list = listed();
    const nowMs = list.nowMs;
    list.nowMs += 10 * 365 * dayMs;
    for (let row = 0; row < 10; row += 1) list.add();
    list.nowMs = nowMs;
    const future = Array.from({ length: 10 }, (_, at) => 21 + at);
    for (const id of future) list.touch(id);
    // Visible now, with the time that they were given.
    const walk = walkOf(list, {
      fetchPage: async (position, size) => {
        const read = list.fetch(position, size);
        const rows = read.rows.map((row) => (row.id > 20 && row.id <= 30 ? { ...row, updated: "2036-01-01T00:00:00Z" } : row));
        return { ...read, rows };
      },
    });
    const first = await run(walk, { seen: {} });
    list.nowMs += 600_000;
    const id = list.add();
    list.nowMs += 60_000;
    const second = await run(walk, first.state);

    expect(Date.parse(first.state.since ?? startIso)).toBeLessThanOrEqual(startMs);
    expect(toldOf(second.rows)).toContain(`${id} v1`);
  });

  test("a stored time of the future is reported, and the list is read from its beginning", async () => {
    const list = listed();
    const futures: FutureTime[] = [];
    const walk = walkOf(list, { onFutureTime: (future) => futures.push(future), firstSince: "2025-12-31T12:05:00Z" });
    const { rows, state, error } = await run(walk, { since: "2036-01-01T00:00:00Z", seen: {} });

    expect(error).toBeUndefined();
    expect(futures).toEqual([{ what: "stored_since", at: "2036-01-01T00:00:00Z" }]);
    expect(toldOf(rows)).toEqual(list.truth().slice(5));
    expect(Date.parse(state.since ?? startIso)).toBeLessThanOrEqual(startMs);
  });

  test("a machine whose clock is years behind reads all the same", async () => {
    const list = listed();
    const walk = walkOf(list, { now: () => 0 });
    const first = await run(walk, { seen: {} });
    const id = list.add();
    list.nowMs += 60_000;
    const second = await run(walk, first.state);

    expect([...new Set(toldOf(first.rows))]).toEqual(list.truth().slice(0, 20));
    expect(toldOf(second.rows)).toContain(`${id} v1`);
  });

  test("a stored time is kept while only one clock calls it the future", async () => {
    const list = listed();
    const { state } = await run(walkOf(list), { seen: {} });
    const behind = walkOf(list, { now: () => 0, fetchPage: async (position, size) => list.fetch(position, size) });

    expect((await run(behind, state)).rows).toEqual([]);
  });
});

test("a page that is too much is requested smaller", async () => {
  const list = new MovingList(startMs - dayMs, plain);
  for (let row = 0; row < 200; row += 1) {
    list.add();
    list.nowMs += 2_000;
  }
  list.nowMs = startMs;
  const sizes: number[] = [];
  const walk = walkOf(list, {
    sizes: [100, 30, 10, 1],
    fetchPage: async (position, size) => {
      if (position.next === undefined) sizes.push(size);
      if (size > 30) throw overloaded();
      return list.fetch(position, size);
    },
  });
  const { rows, error } = await run(walk, { seen: {} });

  expect(error).toBeUndefined();
  expect(toldOf(rows)).toEqual(list.truth());
  expect(sizes.slice(0, 2)).toEqual([100, 30]);
});

test("a stored link that the provider no longer knows is replaced by its window", async () => {
  const list = new MovingList(startMs - dayMs, plain);
  for (let row = 0; row < 30; row += 1) list.add();
  list.nowMs = startMs;
  const { pages } = await run(walkOf(list), { seen: {} });
  const stored = pages[1]?.state ?? { seen: {} };
  const walk = walkOf(list, {
    fetchPage: async (position, size) => {
      if (position.next === stored.next) throw new ConnectorsError({ code: "ACME_NOT_FOUND", message: "the cursor is gone" });
      return list.fetch(position, size);
    },
  });

  expect(stored.next).toBeDefined();
  expect((await run(walk, stored)).error).toMatchObject({ code: "ACME_NOT_FOUND" });
  const once = walkOf(list, {
    fetchPage: async (position, size) => {
      if (position.next === stored.next && isFirst) {
        isFirst = false;
        throw new ConnectorsError({ code: "ACME_NOT_FOUND", message: "the cursor is gone" });
      }
      return list.fetch(position, size);
    },
  });
  let isFirst = true;
  const { rows, error } = await run(once, stored);
  expect(error).toBeUndefined();
  expect(rows.map(({ id }) => id)).toContain(30);
});

test("an entry that begins in the future is no fault", async () => {
  const list = new MovingList(startMs, plain);
  list.add();
  const futures: FutureTime[] = [];
  const since = "2030-01-01T00:00:00Z";
  const walk = walkOf(list, { firstSince: since, onFutureTime: (future) => futures.push(future) });

  expect(await run(walk, { since, seen: {} })).toMatchObject({ rows: [], error: undefined });
  expect(futures).toEqual([]);
});

test("links in a circle end with an error", async () => {
  let asked = 0;
  const walkInto = (links: readonly string[]) =>
    walkOf(new MovingList(startMs, plain), {
      fetchPage: async () => {
        asked += 1;
        if (asked > 100) throw new Error("it never ends");
        const rows = [{ id: asked, version: 1, updated: "2025-01-01T00:00:00Z" }];
        return { rows, dateMs: startMs, next: links[asked % links.length] };
      },
    });
  const since = "2025-01-01T00:00:00Z";
  const [a, b] = ["https://acme.test/?after=a", "https://acme.test/?after=b"];

  expect((await run(walkInto([a, b]), { since, seen: {} })).error).toMatchObject({ code: "ACME_PAGE_REPEATED" });
  expect(asked).toBe(3);
  asked = 0;
  expect((await run(walkInto([a]), { since, seen: {}, next: a })).error).toMatchObject({ code: "ACME_PAGE_REPEATED" });
  expect(asked).toBe(1);
});

test("more rows of one moment than a page holds, without links, are an error and not the end", async () => {
  const list = new MovingList(startMs - dayMs, { ...plain, links: "none" });
  for (let row = 0; row < 20; row += 1) list.add();
  list.nowMs = startMs;

  expect((await run(walkOf(list, { sizes: [7] }), { seen: {} })).error).toMatchObject({ code: "ACME_NEXT_PAGE_MISSING" });
});

test("GitHub's stored states are read as they are", async () => {
  const list = new MovingList(startMs - dayMs, plain);
  for (let row = 0; row < 30; row += 1) {
    list.add();
    list.nowMs += 7_000;
  }
  list.nowMs = startMs;
  const since = "2025-12-31T12:01:03Z";
  const stored: KeysetState<number> = {
    since,
    seen: { "2025-12-31T12:01:03Z": [10], "2025-12-31T12:01:10Z": [11] },
    etag: '"x"',
  };

  expect(toldOf((await run(walkOf(list), stored)).rows)).toEqual(list.truth().slice(11));
});

/** 30 rows of one moment, and 10 later ones. */
function momentOf() {
  const list = new MovingList(startMs - dayMs, plain);
  for (let row = 0; row < 40; row += 1) {
    if (row >= 30) list.nowMs += 3_000;
    list.add();
  }
  list.nowMs = startMs;
  return list;
}

test("a row that two passes over its window step over is found by a later one", async () => {
  const list = momentOf();
  // Row 15 is the first of the third page, then of the second one; each time, a row before it leaves its place.
  const touched: readonly (readonly number[])[] = [[], [], [1], [], [], [2, 3, 4, 5, 6, 7], [8]];
  const walk = walkOf(list, {
    fetchPage: async (position, size) => {
      const read = list.fetch(position, size);
      for (const id of touched[list.requests - 1] ?? []) list.touch(id);
      return read;
    },
  });
  const first = await run(walk, { seen: {} });
  list.nowMs += 300_000;
  const second = await run(walkOf(list), first.state);
  const told = new Set(toldOf([...first.rows, ...second.rows]));

  expect([first.error, second.error]).toEqual([undefined, undefined]);
  expect(list.truth().filter((row) => !told.has(row))).toEqual([]);
});

test("a window of a quiet list is read twice, and no more", async () => {
  const list = momentOf();
  const { rows, error } = await run(walkOf(list), { seen: {} });

  expect(error).toBeUndefined();
  expect(toldOf(rows)).toEqual(list.truth());
  expect(list.requests).toBe(12);
});

test("a window that a former release read halfway is read anew and left", async () => {
  const list = momentOf();
  const stored = (await run(walkOf(list), { seen: {} })).pages.map(({ state }) => state);
  const { since, seen, next } = stored.find((state) => state.next?.includes("page=3")) ?? { seen: {} };
  list.nowMs += 300_000;
  const { error, rows, state } = await run(walkOf(list), { since, seen, next, again: true });

  expect(next).toBeDefined();
  expect(error).toBeUndefined();
  expect(toldOf(rows)).toEqual(list.truth().slice(14));
  expect(Date.parse(state.since ?? "")).toBeGreaterThan(Date.parse(since ?? ""));
});

test("a list without a fixed order ends with an error, and the next run does not leave the window either", async () => {
  const list = momentOf();
  const walk = walkOf(list, {
    fetchPage: async (position, size) => {
      if (list.requests > 2_000) throw new Error("it never ends");
      const read = list.fetch(position, size);
      // Another row is left out of each answer.
      return { ...read, rows: read.rows.filter(({ id }) => id !== list.requests % 31) };
    },
  });
  const first = await run(walk, { seen: {} });
  const before = list.requests;
  const second = await run(walk, first.state);

  expect(first.error).toMatchObject({ code: "ACME_PAGE_REPEATED", message: expect.stringContaining("differ each time") });
  expect(second.error).toMatchObject({ code: "ACME_PAGE_REPEATED" });
  expect(second.state.since).toBe(first.state.since);
  expect(list.requests - before).toBeLessThan(10);
});

test("a row whose time cannot be read is yielded once, and again when it changes", async () => {
  const list = new MovingList(startMs - dayMs, plain);
  for (let row = 0; row < 10; row += 1) {
    list.add();
    list.nowMs += 7_000;
  }
  list.nowMs = startMs;
  let title = "as it was";
  const walk = walkOf(list, {
    fetchPage: async (position, size) => {
      const read = list.fetch(position, size);
      const odd = { id: 99, version: 1, updated: "yesterday", title };
      return { ...read, rows: [...read.rows, odd], etag: undefined, notModified: false };
    },
  });
  const oddOf = (rows: readonly { readonly id: number }[]) => rows.filter(({ id }) => id === 99).length;
  const first = await run(walk, { seen: {} });
  const second = await run(walk, first.state);
  title = "as it is now";
  const third = await run(walk, second.state);

  expect([oddOf(first.rows), oddOf(second.rows), oddOf(third.rows)]).toEqual([1, 0, 1]);
  expect(v.parse(keysetState(v.number()), third.state)).toEqual(third.state);
});
