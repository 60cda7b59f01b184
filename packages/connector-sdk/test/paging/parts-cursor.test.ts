import * as v from "valibot";
import { expect, test } from "vitest";
import type { Page } from "../../src/index.ts";
import { silentLogger } from "../../src/contract/logger.ts";
import { keysetState, type PartPage, partsCursor, type PartsPosition } from "../../src/paging/index.ts";
import { HandClock } from "../hand-clock.ts";
import { collect } from "./overloaded.ts";
import { failure } from "./parted-source.ts";

const signal = new AbortController().signal;
const entry = { source: { kind: "acme-desk", name: "main" } };
const turns = { clock: new HandClock(), random: () => 0.5, logger: silentLogger, parts: "streams" };
const cursors = partsCursor({
  kind: "acme-desk",
  version: 2,
  partsKey: "streams",
  state: v.number(),
  beside: { account: v.optional(v.string()) },
  migrate: { 1: ({ after }) => ({ v: 2, streams: { tickets: after } }) },
});

const named = (...names: string[]) => names.map((id) => ({ id, name: id }));
const pageOf = (state: number): PartPage<number> => ({ episodes: [], skipped: { item: 1 }, state });
type From = PartsPosition<number, { account?: string | undefined }>;

async function pages(
  names: readonly string[],
  from: From | undefined,
  readPart: (id: string, state: number | undefined) => AsyncIterable<PartPage<number>>,
  reader = cursors.reader(turns),
) {
  const run = {
    from,
    parts: named(...names),
    readPart: ({ id }: { id: string }, state: number | undefined) => readPart(id, state),
    signal,
  };
  const { values, error } = await collect<Page>(reader.pages(run));
  return { cursors: values.map(({ cursor }) => cursor), error };
}

async function* countUp(_: string, state = 0) {
  yield pageOf(state + 1);
}
async function* nothing() {}

test("stores the state of each part under one version", async () => {
  const { cursors: stored, error } = await pages(["tickets", "users"], undefined, countUp);

  expect(error).toBeUndefined();
  expect(stored).toEqual([
    '{"v":2,"turn":"tickets","streams":{"tickets":1}}',
    '{"v":2,"turn":"users","streams":{"tickets":1,"users":1}}',
  ]);
});

test("hands each part its own state, beginning with the part whose turn it is", async () => {
  const read: unknown[] = [];
  const from = cursors.parse('{"v":2,"turn":"users","account":"A1","streams":{"tickets":7,"users":9}}', entry);
  const { cursors: stored } = await pages(["tickets", "users"], from, async function* part(id, state = 0) {
    read.push([id, state]);
    yield pageOf(state + 1);
  });

  expect(read).toEqual([
    ["users", 9],
    ["tickets", 7],
  ]);
  expect(stored.at(-1)).toBe('{"v":2,"turn":"tickets","account":"A1","streams":{"tickets":8,"users":10}}');
});

test("yields nothing where nothing happened", async () => {
  expect(await pages(["tickets"], undefined, nothing)).toEqual({ cursors: [], error: undefined });
  expect(await pages(["tickets"], { states: { tickets: 7 }, beside: {} }, nothing)).toEqual({ cursors: [], error: undefined });
});

test("stores what stands beside the states, as a run says", async () => {
  const run = {
    from: undefined,
    parts: named("tickets"),
    readPart: (_: unknown, state: number | undefined) => countUp("tickets", state),
    beside: ({ isLast }: { readonly isLast: boolean }) => (isLast ? {} : { account: "A1" }),
    signal,
  };
  const { values } = await collect<Page>(cursors.reader(turns).pages(run));

  expect(values.map(({ cursor }) => cursors.parse(cursor)?.beside)).toEqual([{ account: "A1" }, {}]);
});

test("keeps the state of a part that is not read for a while", async () => {
  const from = { states: { tickets: 7, users: 9 }, beside: {} };
  const { cursors: stored } = await pages(["tickets"], from, countUp);

  expect(cursors.parse(stored.at(-1))?.states).toEqual({ tickets: 8, users: 9 });
});

test("forgets parts that the provider no longer lists, where it is to", async () => {
  const brands = partsCursor({ kind: "acme-desk", version: 1, state: v.number(), forgetsUnlisted: true });
  const run = {
    from: brands.parse('{"v":1,"turn":"b2","parts":{"b1":7,"b2":9}}'),
    parts: named("b1"),
    readPart: () => nothing(),
    signal,
  };
  const { values } = await collect<Page>(brands.reader({ ...turns, parts: "brands" }).pages(run));

  expect(values.map(({ cursor }) => brands.parse(cursor)?.states)).toEqual([{ b1: 7 }]);
});

test("a part that fails leaves the states of other parts stored, and is named with the codes of the kind", async () => {
  const { cursors: stored, error } = await pages(["tickets", "users"], undefined, (id, state) => {
    if (id === "tickets") throw new TypeError("broken");
    return countUp(id, state);
  });

  expect(cursors.parse(stored.at(-1))?.states).toEqual({ users: 1 });
  expect(error).toMatchObject({ code: "ACME_DESK_PART_FAILED", failedParts: ["tickets"] });
});

test("remembers which parts failed, for as long as its reader lives", async () => {
  const reader = cursors.reader(turns);
  const read: string[] = [];
  const readPart = (id: string) => {
    read.push(id);
    if (id === "tickets") throw failure("FORBIDDEN", false);
    return nothing();
  };
  await pages(["tickets", "users"], undefined, readPart, reader);
  await pages(["tickets", "users"], undefined, readPart, reader);
  await pages(["tickets", "users"], undefined, readPart);

  expect(read).toEqual(["tickets", "users", "users", "tickets", "users"]);
});

test("sets one part back to its beginning, and no other", () => {
  expect(cursors.resetPart('{"v":2,"turn":"users","account":"A1","streams":{"tickets":7,"users":9}}', "tickets")).toBe(
    '{"v":2,"turn":"users","account":"A1","streams":{"users":9}}',
  );
  expect(cursors.resetPart('{"v":2,"streams":{"users":9}}', "tickets")).toBe('{"v":2,"streams":{"users":9}}');
});

test("reads what an older version wrote", () => {
  expect(cursors.parse('{"v":1,"after":7}', entry)).toEqual({ states: { tickets: 7 }, beside: {} });
});

test.each([
  { title: "no version", text: '{"streams":{}}' },
  { title: "a newer version", text: '{"v":3,"streams":{}}' },
  { title: "no states", text: '{"v":2}' },
  { title: "a damaged state", text: '{"v":2,"streams":{"tickets":"seven"}}' },
  { title: "a damaged turn", text: '{"v":2,"turn":7,"streams":{}}' },
  { title: "another field", text: '{"v":2,"streams":{},"more":1}' },
  { title: "a damaged field beside", text: '{"v":2,"account":1,"streams":{}}' },
])("refuses a cursor with $title", ({ text }) => {
  expect(() => cursors.parse(text, entry)).toThrow(
    expect.objectContaining({
      code: "ACME_DESK_CURSOR_INVALID",
      hint: expect.stringContaining("state reset acme-desk/main"),
    }),
  );
});

test("keeps the states of parts that are called as what every object has", async () => {
  const names = ["constructor", "prototype", "toString", "__proto__"];
  const { cursors: stored, error } = await pages(names, undefined, countUp);
  expect(error).toBeUndefined();
  const read = new Set<string>();
  await pages(names, cursors.parse(stored.at(-1), entry), async function* part(id, state = 0) {
    read.add(`${id} ${state}`);
    yield pageOf(state);
  });
  expect(read).toEqual(new Set(names.map((id) => `${id} 1`)));
});

test("names the place in the text that is wrong", () => {
  expect(() => cursors.parse('{"v":2,"streams":{"tickets":"seven"}}', entry)).toThrow('"streams.tickets" is wrong');
  expect(() => cursors.parse('{"v":2,"account":1,"streams":{}}', entry)).toThrow('"account" is wrong');
});

test("sets times of the future back, in the states and beside them", () => {
  const clock = new HandClock();
  clock.nowMs = Date.UTC(2026, 0, 1);
  const timed = partsCursor({
    kind: "acme-desk",
    version: 1,
    state: v.number(),
    clampTimes: ({ states, ...position }, clamp) => ({
      ...position,
      states: Object.fromEntries(Object.entries(states).map(([id, ms]) => [id, clamp.ms(ms)])),
    }),
  });
  const future = timed.format({ states: { a: Date.UTC(2036, 0, 1), b: 1 }, beside: {} });

  expect(timed.parse(future, { ...entry, clock })?.states).toEqual({ a: clock.nowMs, b: 1 });
  expect(timed.parse(future, entry)?.states).toEqual({ a: Date.UTC(2036, 0, 1), b: 1 });
});

const walks = partsCursor({ kind: "acme-desk", version: 1, state: keysetState(v.number()) });

test("stores a key-set walk as a state", () => {
  const state = {
    since: "2026-01-01T00:00:00Z",
    seen: { "2026-01-01T00:00:00.5Z": [1, 2] },
    etag: '"a"',
    next: "n",
    pass: { sum: "0f", until: "2026-01-01T00:00:00Z", byNumber: true },
    earlier: { sum: "1", until: "2026-01-01T00:00:00Z", count: 2 },
    again: true,
  };
  const text = walks.format({ states: { articles: state, empty: { seen: {} } }, beside: {} });

  expect(walks.parse(text)?.states).toEqual({ articles: state, empty: { seen: {} } });
});

test.each(['{"seen":{"yesterday":[1]}}', '{"seen":{},"since":"soon"}', '{"seen":{"2026-01-01T00:00:00Z":["a"]}}', "{}"])(
  "refuses %s as the state of a key-set walk",
  (state) => {
    expect(() => walks.parse(`{"v":1,"parts":{"articles":${state}}}`)).toThrow(
      expect.objectContaining({ code: "ACME_DESK_CURSOR_INVALID", message: expect.stringContaining("parts.articles") }),
    );
  },
);

test("the entries of a key-set walk's state fit into a larger one", () => {
  const larger = v.strictObject({ ...keysetState(v.string()).entries, begun: v.string() });

  expect(v.parse(larger, { seen: { "2026-01-01T00:00:00Z": ["a"] }, begun: "x" })).toEqual({
    seen: { "2026-01-01T00:00:00Z": ["a"] },
    begun: "x",
  });
});
