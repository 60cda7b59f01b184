import { describe, expect, test } from "vitest";
import { offsetPages, pageNumberPages } from "../../src/paging/index.ts";
import { seededRandom } from "../seeded-random.ts";
import { acme, collect, overloaded } from "./overloaded.ts";

const listOf = (length: number) => Array.from({ length }, (_, index) => index);

interface List {
  readonly length: number;
  /** Items for which every page fails that holds them. */
  readonly poisoned?: readonly number[];
  readonly word?: "total" | "hasMore" | "none";
  readonly from?: number;
}

function readOffsets({ length, poisoned = [], word = "total", from }: List) {
  const asked: [number, number][] = [];
  const pages = offsetPages({
    ...acme,
    from,
    failedId: (offset) => `ticket ${offset}`,
    fetchPage: async (offset, size) => {
      asked.push([offset, size]);
      if (asked.length > 5_000) throw new Error("it never ends");
      if (poisoned.some((item) => item >= offset && item < offset + size)) throw overloaded();
      const items = listOf(length).slice(offset, offset + size);
      const wordOf = { total: { total: length }, hasMore: { hasMore: offset + items.length < length }, none: {} };
      return { items, ...wordOf[word] };
    },
  });
  return { asked, pages };
}

function readNumbers({ length, poisoned = [], word = "total", from }: List, sizes?: readonly number[]) {
  const asked: [number, number][] = [];
  const pages = pageNumberPages({
    ...acme,
    from,
    ...(sizes === undefined ? {} : { sizes }),
    failedId: (offset) => `ticket ${offset}`,
    fetchPage: async (page, size) => {
      asked.push([page, size]);
      if (asked.length > 5_000) throw new Error("it never ends");
      const offset = (page - 1) * size;
      if (poisoned.some((item) => item >= offset && item < offset + size)) throw overloaded();
      const items = listOf(length).slice(offset, offset + size);
      const wordOf = { total: { totalPages: Math.ceil(length / size) }, hasMore: { hasMore: offset + size < length }, none: {} };
      return { items, ...wordOf[word] };
    },
  });
  return { asked, pages };
}

const readers = [
  { name: "offsets", read: readOffsets },
  { name: "page numbers", read: readNumbers },
];

describe.each(readers)("a list read by $name", ({ read }) => {
  test.each(["total", "hasMore", "none"] as const)("is read to its end by the provider's word: %s", async (word) => {
    for (const length of [0, 1, 99, 100, 101, 250]) {
      const { values, error } = await collect(read({ length, word }).pages);
      expect(error).toBeUndefined();
      expect(values.flatMap(({ items }) => items)).toEqual(listOf(length));
    }
  });

  test("resumes behind every page", async () => {
    const { values } = await collect(read({ length: 250, poisoned: [130] }).pages);
    for (const { next } of values) {
      const rest = await collect(read({ length: 250, poisoned: [130], from: next ?? 0 }).pages);
      expect(rest.values.flatMap(({ items }) => items)).toEqual(
        listOf(250).filter((item) => item >= (next ?? 0) && item !== 130),
      );
    }
  });

  test("leaves out the one item that breaks every page, and names it", async () => {
    const { asked, pages } = read({ length: 250, poisoned: [57] });
    const { values, error } = await collect(pages);

    expect(error).toBeUndefined();
    expect(values.flatMap(({ items }) => items)).toEqual(listOf(250).filter((item) => item !== 57));
    expect(values.flatMap(({ failures }) => failures)).toEqual([
      { id: "ticket 57", error: expect.objectContaining({ code: "ACME_UNAVAILABLE" }) },
    ]);
    expect(asked.length).toBeLessThan(30);
  });

  test.each([
    { poisoned: [0] },
    { poisoned: [249] },
    { poisoned: [99, 100] },
    { poisoned: [10, 11, 12] },
    { poisoned: [3, 77, 204] },
  ])("leaves out $poisoned", async ({ poisoned }) => {
    const { values, error } = await collect(read({ length: 250, poisoned }).pages);

    expect(error).toBeUndefined();
    expect(values.flatMap(({ items }) => items)).toEqual(listOf(250).filter((item) => !poisoned.includes(item)));
    expect(values.flatMap(({ failures }) => failures.map(({ id }) => id))).toEqual(poisoned.map((item) => `ticket ${item}`));
  });

  test("takes no item for broken while the provider answers nothing", async () => {
    const { asked, pages } = read({ length: 250, poisoned: listOf(250) });
    const { values, error } = await collect(pages);

    expect(values).toEqual([]);
    expect(error).toMatchObject({ code: "ACME_UNAVAILABLE" });
    expect(asked.length).toBeLessThan(10);
  });

  test("loses no item, whichever are broken", async () => {
    const random = seededRandom();
    for (let round = 0; round < 50; round += 1) {
      const length = Math.floor(random() * 400);
      // Where nothing but broken items was requested, the provider is at fault.
      const poisoned = listOf(length).filter((item) => length > 1 && item % 5 === 0 && random() < 0.05);
      const { values, error } = await collect(read({ length, poisoned }).pages);
      expect(error).toBeUndefined();
      const items = values.flatMap((page) => page.items);
      const failed = values.flatMap(({ failures }) => failures.map(({ id }) => id));
      expect(items).toEqual(listOf(length).filter((item) => !poisoned.includes(item)));
      expect(failed).toEqual(poisoned.map((item) => `ticket ${item}`));
    }
  });
});

test.each([0, 20, 200])(
  "a provider that goes down at item %i is requested few times more, and no item is called broken",
  async (from) => {
    let after = 0;
    const pages = offsetPages({
      ...acme,
      sizes: [10, 5, 1],
      fetchPage: async (offset, size) => {
        after += offset >= from || after > 0 ? 1 : 0;
        if (after > 0) throw overloaded();
        return { items: listOf(500).slice(offset, offset + size), total: 500 };
      },
    });
    const { values, error } = await collect(pages);

    expect(error).toMatchObject({ code: "ACME_UNAVAILABLE" });
    expect(values.flatMap(({ items }) => items)).toEqual(listOf(from));
    expect(values.flatMap(({ failures }) => failures)).toEqual([]);
    // Three sizes, and three other items.
    expect(after).toBe(6);
  },
);

test("a hundred broken items in a row are not taken for broken items", async () => {
  const { pages } = readOffsets({ length: 400, poisoned: listOf(300).slice(150) });
  const { values, error } = await collect(pages);

  expect(error).toMatchObject({ code: "ACME_UNAVAILABLE" });
  expect(values.flatMap(({ items }) => items)).toEqual(listOf(150));
});

test("an item that failed for a moment is read after all", async () => {
  let failures = 0;
  const pages = offsetPages({
    ...acme,
    fetchPage: async (offset, size) => {
      const holds = offset <= 57 && offset + size > 57;
      failures += holds ? 1 : 0;
      if (holds && failures <= 4) throw overloaded();
      return { items: listOf(120).slice(offset, offset + size), total: 120 };
    },
  });
  const { values, error } = await collect(pages);

  expect(error).toBeUndefined();
  expect(values.flatMap((page) => page.items).toSorted((a, b) => a - b)).toEqual(listOf(120));
  expect(values.flatMap((page) => page.failures)).toEqual([]);
});

test("a page that the provider cuts is read on where it was cut", async () => {
  const pages = offsetPages({
    ...acme,
    fetchPage: async (offset) => ({ items: listOf(70).slice(offset, offset + 25), total: 70 }),
  });

  expect((await collect(pages)).values.flatMap(({ items }) => items)).toEqual(listOf(70));
});

test("an empty page is no end while the provider says that there is more", async () => {
  const pages = offsetPages({
    ...acme,
    fetchPage: async (offset, size) => ({ items: listOf(100).slice(offset, offset + size), total: 300 }),
  });
  const { values, error } = await collect(pages);

  expect(error).toMatchObject({ code: "ACME_NEXT_PAGE_MISSING", message: expect.stringContaining("item 100") });
  expect(values.at(-1)?.next).toBe(100);
});

test("a provider that ignores the page number is noticed", async () => {
  let asked = 0;
  const pages = pageNumberPages({
    ...acme,
    fetchPage: async () => {
      asked += 1;
      return { items: listOf(100), hasMore: true };
    },
  });

  expect((await collect(pages)).error).toMatchObject({ code: "ACME_PAGE_REPEATED" });
  expect(asked).toBe(4);
});

test("says so where the provider gives no further pages", async () => {
  const byNumber = pageNumberPages({
    ...acme,
    lastPage: 3,
    fetchPage: async (page, size) => ({ items: listOf(1_000).slice((page - 1) * size, page * size), hasMore: true }),
  });
  const byOffset = offsetPages({
    ...acme,
    maxOffset: 250,
    fetchPage: async (offset, size) => {
      if (offset + size > 250) throw new Error("refused by the provider");
      return { items: listOf(1_000).slice(offset, offset + size), total: 1_000 };
    },
  });
  const numbered = await collect(byNumber);
  const offsets = await collect(byOffset);

  expect(numbered.error).toMatchObject({ code: "ACME_TOO_MANY_PAGES", message: expect.stringContaining("3 pages") });
  expect(numbered.values.flatMap(({ items }) => items)).toEqual(listOf(300));
  expect(offsets.error).toMatchObject({ code: "ACME_TOO_MANY_PAGES", message: expect.stringContaining("250 items") });
  expect(offsets.values.flatMap(({ items }) => items)).toEqual(listOf(250));
});

describe("a page that is too large, where the provider accepts few page numbers", () => {
  const readTo = (poisoned: number, from?: number) =>
    collect(
      pageNumberPages({
        ...acme,
        from,
        lastPage: 3,
        fetchPage: async (page, size) => {
          if (page > 3) throw new Error("refused by the provider");
          const items = listOf(250).slice((page - 1) * size, page * size);
          if (items.includes(poisoned)) throw overloaded();
          return { items, totalPages: Math.ceil(250 / size) };
        },
      }),
    );

  test.each([5, 95, 150])("ends with the provider's error, and not as if the list were too long: item %i", async (poisoned) => {
    const first = await readTo(poisoned);
    expect(first.error).toMatchObject({ code: "ACME_UNAVAILABLE" });
    const from = first.values.at(-1)?.next;
    expect((await readTo(poisoned, from)).error).toMatchObject({ code: "ACME_UNAVAILABLE" });
    const rest = await readTo(-1, from);
    const items = [...first.values, ...rest.values].flatMap((page) => page.items);
    expect(rest.error).toBeUndefined();
    expect([...new Set(items)].toSorted((a, b) => a - b)).toEqual(listOf(250));
  });
});

test("a page number that a list of hidden items leaves short leads to the next number", async () => {
  const asked: number[] = [];
  const pages = pageNumberPages({
    ...acme,
    fetchPage: async (page, size) => {
      asked.push(page);
      const items = listOf(250).slice((page - 1) * size, page * size);
      return { items: items.filter((item) => item % 7 !== 0), hasMore: page * size < 250 };
    },
  });

  expect((await collect(pages)).values.flatMap(({ items }) => items)).toEqual(listOf(250).filter((item) => item % 7 !== 0));
  expect(asked).toEqual([1, 2, 3]);
});

test("pages can be counted from zero", async () => {
  const asked: number[] = [];
  const pages = pageNumberPages({
    ...acme,
    firstPage: 0,
    fetchPage: async (page, size) => {
      asked.push(page);
      return { items: listOf(150).slice(page * size, (page + 1) * size), totalPages: 2 };
    },
  });

  expect((await collect(pages)).values.flatMap(({ items }) => items)).toEqual(listOf(150));
  expect(asked).toEqual([0, 1]);
});

test("a page in place of another one does not move the position from which a later run reads", async () => {
  const pages = offsetPages({
    ...acme,
    fetchPage: async (offset) => ({
      items: listOf(300)
        .slice(offset === 100 ? 0 : offset)
        .slice(0, 100),
      hasMore: offset < 200,
    }),
  });

  expect((await collect(pages)).values.map(({ items, next }) => [items[0], next])).toEqual([
    [0, 100],
    [0, 100],
    [200, 300],
  ]);
});
