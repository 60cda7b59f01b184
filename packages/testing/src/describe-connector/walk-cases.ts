import { setImmediate as nextTurn } from "node:timers/promises";
import { maxCursorBytes } from "@statewave-connectors/connector-sdk/host";
import { expect } from "vitest";
import { episodeProblems } from "../episode-problems.ts";
import { type ConnectorCase, inOneAnswer, inPages, onNetwork, withoutHttp } from "./connector-case.ts";
import { keysOf, type PullHarness } from "./pull-harness.ts";
import { restsBehind } from "./rests-behind.ts";
import { expectSameKeys, expectSameOrder, few } from "./expect-keys.ts";

/** What a walk yields while all is well. */
export const walkCases: readonly ConnectorCase[] = [
  {
    title: "yields a page for every page of the provider, none larger, with a cursor to continue from",
    holdsFor: inPages,
    async run(harness) {
      const { pages } = await harness.wholeWalk();
      const sizes = pages.map((page) => page.episodes.length);
      expect(sizes.filter((size) => size > 0).length, "pages with episodes").toBeGreaterThanOrEqual(3);
      expect(Math.max(...sizes), "episodes in a page").toBeLessThanOrEqual(harness.fixture.maxEpisodesPerPage);
      const withoutCursor = pages.flatMap((page, at) => (page.episodes.length > 0 && page.cursor === undefined ? [at + 1] : []));
      expect(few(withoutCursor), "numbers of pages with episodes and no cursor").toEqual([]);
    },
  },
  {
    title: "requests its one answer once in a walk, before the first page, and yields pages of a bounded size",
    holdsFor: inOneAnswer,
    async run(harness) {
      const { pages, error } = await harness.walk(undefined, (count) => {
        if (count === 1) harness.gate.answerWith(() => Promise.reject(new TypeError("a second request")));
      });
      expect(error, "the error of a walk that may make no request behind its first page").toBeUndefined();
      if (onNetwork(harness.subject)) {
        expect(harness.gate.requests, "requests").toBeLessThanOrEqual(harness.provider.maxRequestsPerPage);
      }
      const sizes = pages.map((page) => page.episodes.length);
      expect(
        sizes.reduce((sum, size) => sum + size, 0),
        "episodes",
      ).toBeGreaterThanOrEqual(3);
      expect(Math.max(...sizes), "episodes in a page").toBeLessThanOrEqual(harness.fixture.maxEpisodesPerPage);
      expect(pages.at(-1)?.cursor, "the cursor of the last page").toBeDefined();
    },
  },
  {
    title: "yields sound episodes of its own kind",
    async run(harness) {
      const { pages } = await harness.wholeWalk();
      const problems = pages.flatMap((page) => page.episodes.flatMap((episode) => episodeProblems(episode, harness.kind)));
      expect(few(problems), "problems of episodes").toEqual([]);
    },
  },
  {
    title: "reports what is left, if it does, as a count or as an instant that is not ahead",
    async run(harness) {
      const { pages } = await harness.wholeWalk();
      const nowMs = Math.max(harness.clock.now(), Date.now());
      for (const { itemsLeft = 0, readTo } of pages.flatMap(({ progress }) => progress ?? [])) {
        expect(Number.isSafeInteger(itemsLeft) && itemsLeft >= 0, `itemsLeft ${itemsLeft}`).toBe(true);
        if (readTo !== undefined) expect(Date.parse(readTo), `readTo ${readTo}`).toBeLessThanOrEqual(nowMs);
      }
    },
  },
  {
    title: "yields every key once, and the same keys on every walk",
    async run(harness) {
      const first = keysOf((await harness.wholeWalk()).pages);
      expect(new Set(first).size, "different keys").toBe(first.length);
      expectSameOrder(keysOf((await harness.wholeWalk()).pages), first, "keys of a second walk");
    },
  },
  {
    title: "resumes from every cursor without a gap, reading again at most the page it belongs to",
    async run(harness) {
      const { pages } = await harness.wholeWalk();
      const rests = await restsBehind(pages, (cursor) => harness.pagesFrom(cursor));
      const seen = new Set<string>();
      for (const [at, page] of pages.entries()) {
        for (const key of keysOf([page])) seen.add(key);
        const rest = rests[at];
        if (rest === undefined) continue;
        expectSameKeys([...seen, ...rest], keysOf(pages), "keys seen before and after");
        const again = rest.filter((key) => seen.has(key) && !keysOf([page]).includes(key));
        expect(few(again), "keys of earlier pages").toEqual([]);
      }
    },
  },
  {
    title: "yields no cursor that is larger than a store keeps",
    async run(harness) {
      const { pages } = await harness.wholeWalk();
      const sizes = pages.map(({ cursor = "" }) => Buffer.byteLength(cursor));
      expect(Math.max(...sizes), "bytes of the largest cursor").toBeLessThanOrEqual(maxCursorBytes);
    },
  },
  {
    title: "yields nothing on a second walk when nothing changed",
    async run(harness) {
      const { cursor } = await harness.wholeWalk();
      expect(few(keysOf((await harness.wholeWalk(cursor)).pages)), "keys of a second walk").toEqual([]);
    },
  },
  {
    title: "requests no page ahead of the one that was taken, or one where it declares that it reads ahead",
    holdsFor: onNetwork,
    run: expectOnePageAhead,
  },
  {
    title: "reads a page only when the one before was taken",
    holdsFor: (traits) => withoutHttp(traits) && inPages(traits),
    async run(harness) {
      const { changeLast } = harness.fixture;
      if (changeLast === undefined) throw new Error("a fixture without HTTP needs changeLast");
      let word = "";
      const { pages } = await harness.walk(undefined, async (count) => {
        if (count === 1) word = await changeLast();
      });
      expect(word).not.toBe("");
      const texts = pages.flatMap((page) => page.episodes.map((episode) => episode.text));
      expect(texts.filter((text) => text.includes(word)).length, `episodes with ${word}`).toBe(1);
    },
  },
  {
    title: "fetches nothing",
    holdsFor: withoutHttp,
    async run(harness) {
      await harness.wholeWalk();
      expect(harness.gate.requests).toBe(0);
    },
  },
  {
    title: "opens without asking the provider",
    holdsFor: onNetwork,
    async run(harness) {
      await harness.open();
      await settle();
      expect(harness.gate.requests).toBe(0);
    },
  },
];

async function expectOnePageAhead(harness: PullHarness): Promise<void> {
  let before = 0;
  const { maxRequestsPerPage, readsAhead = false } = harness.provider;
  const mostAhead = readsAhead ? maxRequestsPerPage : 0;
  const { error } = await harness.walk(undefined, async (count) => {
    expect(harness.gate.requests - before, `requests for page ${count}`).toBeLessThanOrEqual(maxRequestsPerPage);
    before = harness.gate.requests;
    await settle();
    expect(harness.gate.requests - before, `requests while page ${count} was held`).toBeLessThanOrEqual(mostAhead);
    before = harness.gate.requests;
  });
  if (error !== undefined) throw error;
}

/** A connector that reads several pages ahead has sent its requests by then. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await nextTurn();
}
