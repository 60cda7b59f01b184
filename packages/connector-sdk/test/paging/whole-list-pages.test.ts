import { expect, test } from "vitest";
import { wholeListPages, type WholeListRequest, type WholeListState } from "../../src/paging/whole-list-pages.ts";

interface Post {
  readonly id?: string;
  readonly text: string;
}

const posts = (from: number, to: number): readonly Post[] =>
  Array.from({ length: to - from + 1 }, (_, at) => ({ id: `p${from + at}`, text: `Post ${from + at}` }));

/** Reads the list once, and returns what was new, page by page, and the last state. */
async function readOnce(items: readonly Post[], state?: WholeListState, version?: { etag?: string; lastModified?: string }) {
  const requests: Omit<WholeListRequest, "signal">[] = [];
  const pages: (readonly string[])[] = [];
  const states: WholeListState[] = [];
  const options = {
    state,
    pageSize: 3,
    signal: new AbortController().signal,
    idOf: ({ id }: Post) => id,
    fetchList: async ({ etag, lastModified }: WholeListRequest) => {
      requests.push({ etag, lastModified });
      const isKnown = version?.etag !== undefined && etag === version.etag;
      return isKnown ? { notModified: true as const } : { notModified: false as const, items, ...version };
    },
  };
  for await (const page of wholeListPages(options)) {
    pages.push(page.items.map(({ text }) => text));
    states.push(page.state);
  }
  return { requests, pages, states, last: states.at(-1) };
}

test("yields the whole list in pages at first, with one request", async () => {
  const { requests, pages } = await readOnce(posts(1, 6));
  expect(pages).toEqual([
    ["Post 1", "Post 2", "Post 3"],
    ["Post 4", "Post 5", "Post 6"],
  ]);
  expect(requests).toEqual([{ etag: undefined, lastModified: undefined }]);
});

test("yields only what is new afterwards, and nothing while the list is unchanged", async () => {
  const { last } = await readOnce(posts(2, 6));
  expect((await readOnce(posts(2, 6), last)).states).toEqual([]);
  expect((await readOnce(posts(1, 7), last)).pages).toEqual([["Post 1", "Post 7"]]);
});

test("yields items whose id is an empty text as what they are: different ones", async () => {
  const items = [1, 2, 3].map((at) => ({ id: "", text: `Post ${at}` }));
  const { pages, last } = await readOnce(items);
  expect(pages).toEqual([["Post 1", "Post 2", "Post 3"]]);
  expect((await readOnce([...items, { id: "", text: "Post 4" }], last)).pages).toEqual([["Post 4"]]);
});

test("yields items whose id is no text, whatever its type says, beside all others", async () => {
  const items = [{ id: 7 }, { id: { of: 7 } }, { id: null }, { id: "p1" }].map((given, at) => ({ ...given, text: `Post ${at}` }));
  const { pages, last } = await readOnce(items as unknown as readonly Post[]);
  expect(pages).toEqual([["Post 0", "Post 1", "Post 2"], ["Post 3"]]);
  const edited = { id: 7, text: "Post 0, edited" } as unknown as Post;
  expect((await readOnce([edited, ...(items.slice(1) as unknown as readonly Post[])], last)).pages).toEqual([]);
});

test("requests the list with the ETag and the time of change that it had", async () => {
  const version = { etag: '"1"', lastModified: "Sat, 07 Sep 2002 00:00:01 GMT" };
  const { last } = await readOnce(posts(1, 4), undefined, version);
  const { requests, states } = await readOnce(posts(1, 4), last, version);
  expect(requests).toEqual([version]);
  expect(states).toEqual([]);
});

test("requests the list anew in a run that resumes before its last page, and yields the rest", async () => {
  const { states } = await readOnce(posts(1, 7), undefined, { etag: '"1"' });
  const { requests, pages } = await readOnce(posts(1, 7), states[0], { etag: '"1"' });
  expect(requests).toEqual([{ etag: undefined, lastModified: undefined }]);
  expect(pages).toEqual([["Post 4", "Post 5", "Post 6"], ["Post 7"]]);
});

test("yields an item that comes twice in a list once, and one without an id by its content", async () => {
  const list = [...posts(1, 1), ...posts(1, 1), { text: "a" }, { text: "b" }, { text: "a" }];
  const { pages, last } = await readOnce(list);
  expect(pages).toEqual([["Post 1", "a", "b"]]);
  expect((await readOnce([...list, { text: "c" }], last)).pages).toEqual([["c"]]);
});

test("yields an item of which no id can be read by its content, once: it costs no other item", async () => {
  const list = [null, ...posts(1, 1)] as unknown as readonly Post[];
  const read = async (state?: WholeListState) => {
    const pages = wholeListPages({
      state,
      signal: new AbortController().signal,
      idOf: ({ id }: Post) => id,
      fetchList: async () => ({ notModified: false, items: list }),
    });
    const found = [];
    for await (const page of pages) found.push(page);
    return found;
  };
  const [page] = await read();
  expect(page?.items).toEqual(list);
  expect(await read(page?.state)).toEqual([]);
});

test("forgets what left the list, and stores little of a long id", async () => {
  const { last: before } = await readOnce([{ id: "x".repeat(1_000_000), text: "long" }, ...posts(1, 2)]);
  const { last, pages } = await readOnce(posts(2, 2), before);
  expect(pages).toEqual([[]]);
  expect([before?.seen.length, last?.seen.length]).toEqual([3, 1]);
  expect(JSON.stringify(before).length).toBeLessThan(100);
});
