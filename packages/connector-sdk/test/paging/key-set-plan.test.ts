import { expect, test } from "vitest";
import { freshRows, type KeysetPage, type KeysetState, planNext } from "../../src/paging/key-set-plan.ts";

const now = Date.UTC(2026, 0, 1);
const at = (second: number) => new Date(Date.UTC(2020, 0, 1) + second * 1_000).toISOString().replace(".000Z", "Z");
const stampOf = ({ id, updated_at }: { id: number; updated_at: string }) => ({ id, at: updated_at });
const link = "https://api.github.com/repositories/1/issues/comments?page=2";

function page(rows: readonly (readonly [id: number, updated: string])[], rest: Partial<KeysetPage> = {}): KeysetPage {
  const read = rows.map(([id, updated]) => ({ id, at: updated }));
  return { rows: read, count: rows.length, size: 3, next: undefined, etag: '"e"', dateMs: now, ...rest };
}

test("after a full page it requests from one second before the last row and remembers the rows that this repeats", () => {
  const state: KeysetState = { since: at(0), seen: {} };

  const { state: next, more } = planNext(
    state,
    page(
      [
        [1, at(1)],
        [2, at(9)],
        [3, at(10)],
      ],
      { next: link },
    ),
  );

  expect(more).toBe(true);
  expect(next).toEqual({ since: at(9), seen: { [at(9)]: [2], [at(10)]: [3] } });
  expect(
    freshRows(
      next,
      [
        { id: 2, updated_at: at(9) },
        { id: 3, updated_at: at(10) },
        { id: 4, updated_at: at(10) },
        { id: 2, updated_at: at(11) },
      ],
      stampOf,
    ),
  ).toEqual([
    { id: 4, updated_at: at(10) },
    { id: 2, updated_at: at(11) },
  ]);
});

test("a page with room ends the walk: `since` stays, the ETag is kept", () => {
  const state: KeysetState = { since: at(0), seen: { [at(0)]: [9] } };

  expect(planNext(state, page([[1, at(1)]]))).toEqual({
    state: { since: at(0), seen: { [at(0)]: [9], [at(1)]: [1] }, etag: '"e"' },
    more: false,
  });
});

test("where the provider says that the list ends, a page with room lets `since` move to where all is settled, as a full one does", () => {
  const { state } = planNext({ since: at(0), seen: {} }, page([[1, at(1)]], { hasMore: false }));

  expect(Date.parse(state.since!)).toBe(now - 120_000);
});

test("a full page without a next one gives no ETag to believe: it requests once more from where all is settled", () => {
  const { state, more } = planNext(
    { since: at(0), seen: {} },
    page([
      [1, at(1)],
      [2, at(2)],
      [3, at(3)],
    ]),
  );

  expect(more).toBe(true);
  expect(state.etag).toBeUndefined();
  expect(Date.parse(state.since!)).toBe(now - 120_000);
});

test("where a page holds one second only, the link is followed", () => {
  const state: KeysetState = { since: at(4), seen: {} };

  const { state: next, more } = planNext(
    state,
    page(
      [
        [1, at(5)],
        [2, at(5)],
        [3, at(5)],
      ],
      { next: link },
    ),
  );

  expect(more).toBe(true);
  expect(next).toMatchObject({ since: at(4), next: link });
});

const left = page(
  [
    [7, at(5)],
    [8, at(5)],
    [9, at(20)],
  ],
  { next: "https://api.github.com/x?page=3" },
);
const without8 = page(
  [
    [7, at(5)],
    [9, at(20)],
  ],
  { next: "https://api.github.com/x?page=3" },
);
const start: KeysetState = { since: at(4), seen: {} };
/** One pass: the page behind the link ends it. */
const pass = (state: KeysetState, last: KeysetPage) => planNext({ ...state, next: link }, last).state;

test("a window with numbered links is read twice before it is left, one with cursor links once", () => {
  const byCursor = { ...start, next: "https://api.github.com/x?after=abc&page=2" };

  expect(planNext(byCursor, left).state).toMatchObject({ since: at(19) });
  const again = pass(start, left);
  expect(again).toMatchObject({ since: at(4), earlier: { count: 1 } });
  expect(again).not.toHaveProperty("next");
  expect(pass(again, left)).toEqual({ since: at(19), seen: { [at(20)]: [9] } });
});

test("a window with numbered links is read until two passes in a row find the same rows, whatever pages they are in", () => {
  const second = pass(pass(start, left), without8);
  const third = pass(second, left);
  const [first, last] = [
    page([[8, at(5)]], { next: link }),
    page([
      [7, at(5)],
      [9, at(20)],
    ]),
  ];
  const fourth = planNext(third, first).state;

  expect(second).toMatchObject({ since: at(4), earlier: { count: 2 } });
  expect(third).toMatchObject({ since: at(4), earlier: { count: 3 } });
  expect(fourth).toMatchObject({ since: at(4), next: link });
  expect(planNext(fourth, { ...last, next: link }).state).toMatchObject({ since: at(19) });
});

test.each([
  { title: "that cannot be read", missing: { failed: ["a"] } },
  { title: "that is malformed", missing: { malformed: 1 } },
])("a row $title, and is missing from the next pass, is one that left its place", ({ missing }) => {
  const first = pass(start, { ...left, ...missing });

  expect(pass(first, left)).toMatchObject({ since: at(4), earlier: { count: 2 } });
  expect(pass(first, { ...left, ...missing })).toMatchObject({ since: at(19) });
});

test("two equal passes do not lead past what may have become visible while the first one was read", () => {
  const early = { ...left, dateMs: Date.parse(at(12)) + 120_000 };
  const ended = planNext(planNext(start, { ...early, rows: left.rows.slice(0, 1), next: link }).state, left).state;
  const again = planNext(planNext(ended, { ...left, rows: left.rows.slice(0, 1), next: link }).state, left).state;

  expect(ended).toMatchObject({ since: at(4), earlier: { count: 1 } });
  expect(again).toMatchObject({ since: at(12) });
});

test("a page that was requested by the number of its row counts as one of numbered pages, whatever its link", () => {
  expect(planNext({ ...start, next: "https://api.github.com/x?after=abc" }, { ...left, byNumber: true }).state).toMatchObject({
    since: at(4),
    earlier: { count: 1 },
  });
});

test("`since` never comes nearer than two minutes to GitHub's clock", () => {
  const fresh = new Date(now - 1_000).toISOString().replace(".000Z", "Z");

  const { state } = planNext(
    { seen: {} },
    page(
      [
        [1, fresh],
        [2, fresh],
        [3, fresh],
      ],
      { next: link },
    ),
  );

  expect(Date.parse(state.since!)).toBe(now - 120_000);
});

test("a row that may still change within its second is not remembered", () => {
  const open = new Date(now - 1_000).toISOString().replace(".000Z", "Z");

  expect(planNext({ since: at(0), seen: {} }, page([[1, open]])).state.seen).toEqual({});
});

test("a row that carries a minute is not remembered while another change within it may become visible", () => {
  const ago = (ms: number) => [1, new Date(now - ms).toISOString().replace(".000Z", "Z")] as const;
  const seenOf = (ms: number) =>
    Object.keys(planNext({ since: at(0), seen: {} }, page([ago(ms)]), { grainMs: 60_000 }).state.seen).length;

  expect([seenOf(179_000), seenOf(181_000)]).toEqual([0, 1]);
});

test("`since` never goes back, even when GitHub's clock does", () => {
  const state: KeysetState = { since: at(50), seen: {} };

  expect(
    planNext(
      state,
      page(
        [
          [1, at(60)],
          [2, at(61)],
          [3, at(62)],
        ],
        { dateMs: Date.UTC(2019, 0, 1), next: link },
      ),
    ).state,
  ).toMatchObject({
    since: at(50),
    next: link,
  });
});

test("a page of malformed rows is passed by its link", () => {
  expect(planNext({ seen: {} }, page([], { count: 3, next: link }))).toMatchObject({ state: { next: link }, more: true });
});

test("what is remembered has a bound", () => {
  const rows = Array.from({ length: 5_000 }, (_, id) => [id, at(5)] as const);

  const { state } = planNext({ since: at(4), seen: {} }, page(rows, { next: link }));

  expect(Object.values(state.seen).flat().length).toBe(2_000);
});
