import { describe, expect, test } from "vitest";
import { ConnectorsError } from "../../src/index.ts";
import { seededRandom } from "../seeded-random.ts";
import { BrokenItems } from "../../src/paging/broken-items.ts";
import { MovingList } from "./moving-list.ts";
import { overloaded } from "./overloaded.ts";
import { dayMs, plain, run, startMs, toldOf, walkOf } from "./walk-moving-list.ts";

describe("a row that the provider cannot answer for", () => {
  const sizes = [20, 5, 1];
  const listOf = (rows: number, sameMoment: number) => {
    const list = new MovingList(startMs - dayMs, plain);
    for (let row = 0; row < rows; row += 1) {
      list.add();
      if (row % sameMoment === 0) list.nowMs += 3_000;
    }
    list.nowMs = startMs;
    return list;
  };

  test.each([
    { title: "at the beginning", broken: [1], sameMoment: 1 },
    { title: "in the middle", broken: [33], sameMoment: 1 },
    { title: "at the end", broken: [100], sameMoment: 1 },
    { title: "beside another", broken: [40, 41, 77], sameMoment: 1 },
    { title: "seven places before another", broken: [14, 21], sameMoment: 1 },
    { title: "each few places before another", broken: [14, 17, 19, 21], sameMoment: 1 },
    { title: "among many of one moment", broken: [57], sameMoment: 50 },
    { title: "first among many of one moment", broken: [52], sameMoment: 50 },
    { title: "at the beginning of many of one moment", broken: [1], sameMoment: 50 },
  ])("is stepped over $title", async ({ broken, sameMoment }) => {
    const list = listOf(100, sameMoment);
    for (const id of broken) list.broken.add(id);
    const walk = walkOf(list, { sizes, rowAt: (since, number) => list.rowAt(since, number) });
    const first = await run(walk, { seen: {} });
    list.nowMs += 60_000;
    const added = list.add();
    list.nowMs += 3_600_000;
    const second = await run(walk, first.state);

    expect(first.error).toBeUndefined();
    expect([...new Set(toldOf(first.rows))]).toEqual(list.truth().slice(0, -1));
    const failures = first.pages.flatMap((page) => page.failures);
    expect(new Set(failures.map(({ id }) => id)).size).toBeGreaterThanOrEqual(broken.length);
    expect(failures[0]).toMatchObject({ id: expect.stringContaining("rows: row "), error: { code: "ACME_UNAVAILABLE" } });
    expect(toldOf(second.rows)).toEqual([`${added} v1`]);
    expect(list.requests).toBeLessThan(600);
  });

  test("ends the walk where it cannot be stepped over", async () => {
    const list = listOf(100, 1);
    list.broken.add(33);
    const { error, state } = await run(walkOf(list, { sizes }), { seen: {} });
    list.broken.clear();
    const rest = await run(walkOf(list, { sizes }), state);

    expect(error).toMatchObject({ code: "ACME_UNAVAILABLE" });
    expect(toldOf(rest.rows)).toContain("33 v1");
  });

  test("ends the walk with its own error where the list cannot be read by number", async () => {
    const list = listOf(100, 1);
    list.broken.add(33);
    const rowAt = () => "https://acme.test/by-number";
    const refused = new ConnectorsError({ code: "ACME_REFUSED", message: "pages are not supported for large lists" });
    const walk = walkOf(list, {
      sizes,
      rowAt,
      fetchPage: async (position, size) => {
        if (position.next === rowAt()) throw refused;
        return list.fetch(position, size);
      },
    });

    expect((await run(walk, { seen: {} })).error).toMatchObject({ code: "ACME_UNAVAILABLE" });
  });

  test("that has another form than expected is yielded as a failure of its page", async () => {
    const list = listOf(60, 1);
    const walk = walkOf(list, {
      fetchPage: async (position, size) => {
        const read = list.fetch(position, size);
        const odd = read.rows.filter(({ id }) => id % 20 === 0);
        return {
          ...read,
          rows: read.rows.filter((row) => !odd.includes(row)),
          failures: odd.map(({ id }) => ({ id: `row ${id}`, error: new TypeError("no title") })),
        };
      },
    });
    const { rows, pages, error } = await run(walk, { seen: {} });

    expect(error).toBeUndefined();
    expect(rows).toHaveLength(57);
    expect(new Set(pages.flatMap(({ failures }) => failures.map(({ id }) => id)))).toEqual(
      new Set(["row 20", "row 40", "row 60"]),
    );
  });

  test("is no row of a provider that is down", async () => {
    const list = listOf(100, 1);
    for (let id = 1; id <= 100; id += 1) list.broken.add(id);
    const walk = walkOf(list, { sizes, rowAt: (since, number) => list.rowAt(since, number) });

    expect(await run(walk, { seen: {} })).toMatchObject({ pages: [], error: { code: "ACME_UNAVAILABLE" } });
    expect(list.requests).toBeLessThan(15);
  });

  test.each([1, 50])(
    "costs no other row, whichever are broken and however the list moves (%i of one moment)",
    async (sameMoment) => {
      const random = seededRandom();
      const pick = (count: number) => Math.floor(random() * count);
      for (let round = 0; round < 3; round += 1) {
        const list = listOf(80, sameMoment);
        for (let broken = 0; broken < 3; broken += 1) list.broken.add(1 + pick(80));
        const rowAt = (since: string | undefined, number: number) => list.rowAt(since, number);
        const walk = walkOf(list, {
          sizes,
          rowAt,
          fetchPage: async (position, size) => {
            if (list.requests > 20_000) throw new Error("it never ends");
            const read = list.fetch(position, size);
            list.nowMs += pick(2_000);
            if (pick(6) === 0) list.touch(1 + pick(80));
            return read;
          },
        });
        const first = await run(walk, { seen: {} });
        list.nowMs += 300_000;
        const second = await run(walkOf(list, { sizes, rowAt }), first.state);
        const told = new Set(toldOf([...first.rows, ...second.rows]));

        expect([first.error, second.error]).toEqual([undefined, undefined]);
        expect(list.truth().filter((row) => !told.has(row))).toEqual([]);
      }
    },
  );

  test("costs no other row when it leaves its place", async () => {
    const list = listOf(60, 50);
    list.broken.add(2);
    // Without row 2 the first pass steps over row 12, and without row 3 the second one.
    const touches = [
      { behind: "page=10", id: 2 },
      { behind: "page=9", id: 3 },
    ];
    const rowAt = (since: string | undefined, number: number) => list.rowAt(since, number);
    const walk = walkOf(list, {
      sizes: [1],
      rowAt,
      fetchPage: async (position, size) => {
        const read = list.fetch(position, size);
        const [first] = touches;
        if (first !== undefined && position.next?.endsWith(`&${first.behind}`) === true) list.touch(touches.shift()?.id ?? 0);
        return read;
      },
    });
    const first = await run(walk, { seen: {} });
    list.nowMs += 300_000;
    const second = await run(walkOf(list, { sizes: [1], rowAt }), first.state);
    const told = new Set(toldOf([...first.rows, ...second.rows]));

    expect([first.error, second.error, touches]).toEqual([undefined, undefined, []]);
    expect(list.truth().filter((row) => !told.has(row))).toEqual([]);
  });

  test("and that left its place does not keep the row there from proving that the provider answers", async () => {
    let broken = 1;
    const items = new BrokenItems<number, string>({
      request: async (place) => {
        if (place === broken) throw overloaded();
        return "answered";
      },
      at: (place, distance) => [0, 1].find((other) => other === place + distance),
      isOverloaded: () => true,
    });
    expect(await items.judge(1, overloaded())).toMatchObject({ place: 1, error: { code: "ACME_UNAVAILABLE" } });
    broken = 0;
    await expect(items.judge(0, overloaded())).rejects.toMatchObject({ code: "ACME_UNAVAILABLE" });
    items.moved();

    expect(await items.judge(0, overloaded())).toMatchObject({ place: 0, error: { code: "ACME_UNAVAILABLE" } });
  });
});
