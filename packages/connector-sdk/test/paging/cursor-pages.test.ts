import { describe, expect, test } from "vitest";
import { cursorPages, linkPages } from "../../src/paging/index.ts";
import { acme, collect, overloaded } from "./overloaded.ts";

interface Page {
  readonly items: readonly number[];
  readonly next?: string | null | undefined;
  readonly hasMore?: boolean;
}

/** Reads pages from a table of positions; every request is counted. */
function readTable(table: Readonly<Record<string, Page>>, options: { from?: string; maxPages?: number } = {}) {
  const asked: string[] = [];
  const pages = cursorPages({
    ...acme,
    ...options,
    fetchPage: async (cursor) => {
      asked.push(cursor ?? "");
      if (asked.length > 5_000) throw new Error("it never ends");
      const page = table[cursor ?? ""] ?? table["*"];
      return { items: page?.items ?? [], next: page?.next, hasMore: page?.hasMore };
    },
  });
  return { asked, pages };
}

test("follows the cursors to the page that the provider calls the last one, and keeps the cursor of the next run", async () => {
  const { asked, pages } = readTable({
    "": { items: [1, 2], next: "a", hasMore: true },
    a: { items: [3], next: "b", hasMore: true },
    b: { items: [], next: "z", hasMore: false },
  });
  const { values, error } = await collect(pages);

  expect(error).toBeUndefined();
  expect(values.map(({ items, next, hasMore }) => [items, next, hasMore])).toEqual([
    [[1, 2], "a", true],
    [[3], "b", true],
    [[], "z", false],
  ]);
  expect(asked).toEqual(["", "a", "b"]);
});

test("reads on behind an item that is nested deeper than JSON can be written", async () => {
  const nested: unknown = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
  const pages = cursorPages({
    ...acme,
    fetchPage: async (cursor) =>
      cursor === undefined ? { items: [nested], next: "a", hasMore: true } : { items: [1], next: undefined, hasMore: false },
  });
  const { values, error } = await collect(pages);

  expect(error).toBeUndefined();
  expect(values.map(({ items }) => items.length)).toEqual([1, 1]);
});

test("resumes from the cursor of every page", async () => {
  const table = {
    "": { items: [1], next: "a" },
    a: { items: [2], next: "b" },
    b: { items: [3], next: null },
  };
  const { values } = await collect(readTable(table).pages);
  for (const [index, { next }] of values.slice(0, -1).entries()) {
    const rest = await collect(readTable(table, { from: next ?? "" }).pages);
    expect(rest.values.flatMap(({ items }) => items)).toEqual([1, 2, 3].slice(index + 1));
  }
});

describe("a stored cursor that the provider has forgotten", () => {
  const expired = new Error("that cursor has expired");

  function readForgetful(from: string | undefined, forgotten: readonly string[]) {
    const table: Readonly<Record<string, Page>> = {
      "": { items: [1], next: "a" },
      a: { items: [2], next: "b" },
      b: { items: [3], next: null },
    };
    const left = [...forgotten];
    return cursorPages({
      ...acme,
      from,
      isExpired: (error) => error === expired,
      fetchPage: async (cursor = "") => {
        const at = left.indexOf(cursor);
        if (at !== -1) left.splice(at, 1);
        if (at !== -1) throw expired;
        return { items: table[cursor]?.items ?? [], next: table[cursor]?.next, hasMore: undefined };
      },
    });
  }

  test("begins the list anew, which may lead to the same cursor", async () => {
    const { values, error } = await collect(readForgetful("a", ["a"]));
    expect([values.flatMap(({ items }) => items), error]).toEqual([[1, 2, 3], undefined]);
  });

  test.each([
    ["is forgotten within the walk that got it", undefined, ["a"], [1]],
    ["is of a provider that refuses the first page in the same words", "a", ["a", ""], []],
  ])("ends the walk when it %s", async (_, from, forgotten, read) => {
    const { values, error } = await collect(readForgetful(from, forgotten));
    expect([values.flatMap(({ items }) => items), error]).toEqual([read, expired]);
  });
});

test.each([
  { title: "the same cursor as it was requested with", table: { "": { items: [1], next: "a" }, a: { items: [2], next: "a" } } },
  {
    title: "cursors in turns",
    table: { "": { items: [1], next: "a" }, a: { items: [2], next: "b" }, b: { items: [3], next: "a" } },
  },
  {
    title: "cursors in a circle of three",
    table: {
      "": { items: [1], next: "a" },
      a: { items: [2], next: "b" },
      b: { items: [3], next: "c" },
      c: { items: [4], next: "a" },
    },
  },
])("ends with an error when the provider gives $title", async ({ table }) => {
  const { asked, pages } = readTable(table);
  const { values, error } = await collect(pages);

  expect(error).toMatchObject({ code: "ACME_PAGE_REPEATED", retryable: true, message: expect.stringContaining('"a"') });
  // The page that leads back is not handed on: what is stored still leads to it.
  expect(values).toHaveLength(asked.length - 1);
  expect(asked).toHaveLength(Object.keys(table).length);
});

test("notices the cursor that the walk was resumed from", async () => {
  const { asked, pages } = readTable({ a: { items: [1], next: "b" }, b: { items: [2], next: "a" } }, { from: "a" });

  expect((await collect(pages)).error).toMatchObject({ code: "ACME_PAGE_REPEATED" });
  expect(asked).toEqual(["a", "b"]);
});

test("notices a circle that is longer than what is remembered", async () => {
  const asked: string[] = [];
  const pages = cursorPages({
    ...acme,
    fetchPage: async (cursor = "0") => {
      asked.push(cursor);
      if (asked.length > 50_000) throw new Error("it never ends");
      return { items: [asked.length], next: String((Number(cursor) + 1) % 3_000), hasMore: true };
    },
  });

  expect((await collect(pages)).error).toMatchObject({ code: "ACME_PAGE_REPEATED" });
  expect(asked.length).toBeLessThan(3 * 4_096);
});

test("ends with an error when the same items come again and again under new cursors", async () => {
  let asked = 0;
  const pages = cursorPages({
    ...acme,
    fetchPage: async () => {
      asked += 1;
      return { items: [{ id: 1 }, { id: 2 }], next: `cursor ${asked}`, hasMore: true };
    },
  });
  const { values, error } = await collect(pages);

  expect(error).toMatchObject({ code: "ACME_PAGE_REPEATED", message: expect.stringContaining("items of earlier pages") });
  expect(new Set(values.map(({ next }) => next))).toEqual(new Set(["cursor 1"]));
  expect(asked).toBe(4);
});

test("passes over empty pages, which a filter may leave, but not for ever", async () => {
  let asked = 0;
  const read = (emptyPages: number) =>
    cursorPages({
      ...acme,
      fetchPage: async () => {
        asked += 1;
        return { items: asked > emptyPages ? [1] : [], next: `cursor ${asked}`, hasMore: asked <= emptyPages };
      },
    });

  expect((await collect(read(500))).values.at(-1)?.items).toEqual([1]);
  asked = 0;
  expect((await collect(read(Infinity))).error).toMatchObject({ code: "ACME_PAGE_REPEATED" });
  expect(asked).toBe(1_000);
});

test.each([
  { next: undefined, hasMore: true },
  { next: null, hasMore: true },
  { next: "", hasMore: true },
])("says that there is more behind a page, which is not handed on, when it names no cursor: $next", async (lie) => {
  const { pages } = readTable({ "": { items: [1], next: "a", hasMore: true }, a: { items: [2], ...lie } });
  const { values, error } = await collect(pages);

  expect(error).toMatchObject({ code: "ACME_NEXT_PAGE_MISSING", message: expect.stringContaining('"a"') });
  expect(values.map(({ next }) => next)).toEqual(["a"]);
});

test("says so when there is more than the limit of pages", async () => {
  const { pages } = readTable(
    { "": { items: [1], next: "a" }, a: { items: [2], next: "b" }, b: { items: [3] } },
    { maxPages: 2 },
  );
  const { values, error } = await collect(pages);

  expect(error).toMatchObject({ code: "ACME_TOO_MANY_PAGES", message: expect.stringContaining("2 pages") });
  expect(values).toHaveLength(2);
});

describe("a page that is too much for the provider", () => {
  const everything = Array.from({ length: 250 }, (_, index) => index);
  /** Refuses more than `most` items from `heavyFrom` to `heavyUntil`. */
  const readHeavy = (most: number, heavyFrom = 0, heavyUntil = Infinity) => {
    const sizes: number[] = [];
    const pages = cursorPages({
      ...acme,
      fetchPage: async (cursor = "0", size) => {
        sizes.push(size);
        const from = Number(cursor);
        if (size > most && from < heavyUntil && from + size > heavyFrom) throw overloaded();
        const items = everything.slice(from, from + size);
        const next = from + items.length;
        return { items, next: String(next), hasMore: next < everything.length };
      },
    });
    return { sizes, pages };
  };

  test("is requested smaller and smaller", async () => {
    const { sizes, pages } = readHeavy(10);
    const { values, error } = await collect(pages);

    expect(error).toBeUndefined();
    expect(values.flatMap(({ items }) => items)).toEqual(everything);
    expect(sizes.slice(0, 3)).toEqual([100, 30, 10]);
  });

  test("costs no attempt for each page where a size is never answered", async () => {
    const { sizes, pages } = readHeavy(30);
    await collect(pages);

    // 9 pages of 30, and the attempts with 100 become rarer: at item 0, behind 100, behind 200 more.
    expect(sizes.filter((size) => size === 100).length).toBeLessThanOrEqual(2);
  });

  test("lets later pages be large again", async () => {
    const { sizes, pages } = readHeavy(10, 40, 41);
    await collect(pages);

    expect(sizes.lastIndexOf(100)).toBeGreaterThan(sizes.lastIndexOf(10));
  });

  test("is left out when it is one item, and the provider returns its id without its contents", async () => {
    const broken = new Set([40, 41, 249]);
    const requests: number[] = [];
    const pages = cursorPages({
      ...acme,
      fetchPage: async (cursor = "0", size) => {
        requests.push(size);
        const from = Number(cursor);
        const items = everything.slice(from, from + size);
        if (items.some((item) => broken.has(item))) throw overloaded();
        return { items, next: String(from + items.length), hasMore: from + items.length < everything.length };
      },
      stepOver: async (cursor = "0") => {
        const behind = Number(cursor) + 1;
        return { id: `ticket ${cursor}`, read: { items: [], next: String(behind), hasMore: behind < everything.length } };
      },
    });
    const { values, error } = await collect(pages);

    expect(error).toBeUndefined();
    expect(values.flatMap(({ items }) => items)).toEqual(everything.filter((item) => !broken.has(item)));
    expect(values.flatMap(({ failures }) => failures.map(({ id }) => id))).toEqual(["ticket 40", "ticket 41", "ticket 249"]);
    expect(requests.length).toBeLessThan(60);
  });

  test("is read after all when it fails only for a moment", async () => {
    let attempts = 0;
    const pages = cursorPages({
      ...acme,
      sizes: [1],
      fetchPage: async () => {
        attempts += 1;
        if (attempts === 1) throw overloaded();
        return { items: ["ticket"], next: null, hasMore: false };
      },
      stepOver: async () => ({ id: "ticket", read: { items: [], next: null, hasMore: false } }),
    });

    expect((await collect(pages)).values).toMatchObject([{ items: ["ticket"], failures: [] }]);
  });

  test("is not left out while the provider returns no ids either", async () => {
    const pages = cursorPages<{ items: string[]; next: null; hasMore: boolean }>({
      ...acme,
      fetchPage: () => Promise.reject(overloaded()),
      stepOver: () => Promise.reject(overloaded()),
    });

    expect(await collect(pages)).toMatchObject({ values: [], error: { code: "ACME_UNAVAILABLE" } });
  });

  test("fails with the provider's error at the smallest size, because its place cannot be stepped over", async () => {
    const { values, error } = await collect(readHeavy(0, 40, 41).pages);

    expect(error).toMatchObject({ code: "ACME_UNAVAILABLE" });
    expect(values.flatMap(({ items }) => items)).toEqual(everything.slice(0, 40));
  });
});

test("a link is followed verbatim, and only the first page is made smaller", async () => {
  const asked: [string | undefined, number][] = [];
  const pages = linkPages({
    ...acme,
    fetchPage: async (link, size) => {
      asked.push([link, size]);
      if (size > 30 && link === undefined) throw overloaded();
      if (link === "/tickets?page=3") throw overloaded();
      return { items: [asked.length], next: link === undefined ? "/tickets?page=2" : "/tickets?page=3" };
    },
  });
  const { values, error } = await collect(pages);

  expect(asked).toEqual([
    [undefined, 100],
    [undefined, 30],
    ["/tickets?page=2", 100],
    ["/tickets?page=3", 100],
  ]);
  expect(values.map(({ next }) => next)).toEqual(["/tickets?page=2", "/tickets?page=3"]);
  expect(error).toMatchObject({ code: "ACME_UNAVAILABLE" });
});

test("ends at once when the run is aborted", async () => {
  const controller = new AbortController();
  const pages = cursorPages({
    ...acme,
    signal: controller.signal,
    fetchPage: async (cursor = "0") => ({ items: [cursor], next: `${cursor}1`, hasMore: true }),
  });
  const seen: unknown[] = [];
  const walk = async () => {
    for await (const { items } of pages) {
      seen.push(items);
      controller.abort(new Error("stop"));
    }
  };

  await expect(walk()).rejects.toThrow("stop");
  expect(seen).toHaveLength(1);
});

test("reads on behind an item that has no key, such as null", async () => {
  const rows = [{ id: 1 }, null as unknown as { id: number }, { id: 2 }];
  const fetchPage = async (cursor?: string) => ({
    items: rows,
    next: cursor === undefined ? "a" : null,
    hasMore: cursor === undefined,
  });
  const { values, error } = await collect(cursorPages({ ...acme, keyOf: ({ id }) => String(id), fetchPage }));

  expect([error, values.length]).toEqual([undefined, 2]);
});
