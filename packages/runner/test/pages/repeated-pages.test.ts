import type { Episode, Page } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { RepeatedPages } from "../../src/pages/repeated-pages.ts";
import { numberedEpisode } from "../pull/pull-fixture.ts";

const pageOf = (from: number, count: number, rest: Partial<Page> = {}): Page => ({
  episodes: Array.from({ length: count }, (_, at) => numberedEpisode(from + at)),
  ...rest,
});

/** How many pages a run lasts; at most `limit`. */
function pagesUntilStuck(page: (at: number) => Page, limit = 10_000): number {
  const repeated = new RepeatedPages();
  for (let at = 0; at < limit; at += 1) if (repeated.judge(page(at)) === "stuck") return at + 1;
  return limit;
}

test.each([
  { title: "one page", page: () => pageOf(0, 200, { cursor: "a" }) },
  { title: "two pages in turns", page: (at: number) => pageOf(200 * (at % 2), 200, { cursor: `${at % 2}` }) },
  { title: "ten pages in turns", page: (at: number) => pageOf(200 * (at % 10), 200, { cursor: `${at % 10}` }) },
  { title: "one page without a cursor", page: () => pageOf(0, 200) },
  { title: "no page and no new cursor", page: () => pageOf(0, 0, { cursor: "a" }) },
  { title: "failed items", page: () => pageOf(0, 0, { cursor: "a", failures: [{ id: "1", error: new Error("x") }] }) },
])("a run that yields $title for ever is stuck after some pages", ({ page }) => {
  expect(pagesUntilStuck(page)).toBeLessThanOrEqual(31);
});

test("a run whose pages repeat under new cursors is stuck as well", () => {
  expect(pagesUntilStuck((at) => pageOf(0, 200, { cursor: `${at}` }))).toBe(101);
});

test.each([
  { title: "new episodes under one cursor", page: (at: number) => pageOf(at, 1, { cursor: "a" }) },
  { title: "pages that overlap", page: (at: number) => pageOf(at, 200, { cursor: `${at}` }) },
  { title: "empty pages under new cursors", page: (at: number) => pageOf(0, 0, { cursor: `${at}` }) },
  { title: "items that are left out", page: () => pageOf(0, 0, { cursor: "a", skipped: { too_large: 1 } }) },
  { title: "pages with nothing at all", page: () => pageOf(0, 0) },
])("a run that yields $title makes progress", ({ page }) => {
  expect(pagesUntilStuck(page, 3_000)).toBe(3_000);
});

test("a window that is read a second time under other cursors is no standstill", () => {
  const page = (at: number) => pageOf(200 * (at < 50 ? at : at - 50), 200, { cursor: `${at}` });

  expect(pagesUntilStuck(page, 200)).toBe(200);
});

test("a page that holds no episodes is judged like any other", () => {
  const broken = { episodes: [null, undefined, {}] as unknown as readonly Episode[], cursor: "a" };

  expect(new RepeatedPages().judge(broken)).toBe("progress");
});
