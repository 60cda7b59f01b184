import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "vitest";
import { episodeProblems } from "../episode-problems.ts";
import { type ConnectorCase, onMachine, onNetwork } from "./connector-case.ts";
import { keysOf, type PullBench } from "./pull-bench.ts";

/** What a walk yields while all is well. */
export const walkCases: readonly ConnectorCase[] = [
  {
    title: "yields a page for every page of the provider, none larger, with a cursor to go on from",
    async run(bench) {
      const { pages } = await bench.wholeWalk();
      const sizes = pages.map((page) => page.episodes.length);
      expect(sizes.filter((size) => size > 0).length, "pages with episodes").toBeGreaterThanOrEqual(3);
      expect(Math.max(...sizes), "episodes in a page").toBeLessThanOrEqual(bench.world.maxEpisodesPerPage);
      expect(pages.filter(({ episodes, cursor }) => episodes.length > 0 && cursor === undefined)).toEqual([]);
    },
  },
  {
    title: "yields sound episodes of its own kind",
    async run(bench) {
      const { pages } = await bench.wholeWalk();
      expect(pages.flatMap((page) => page.episodes.flatMap((episode) => episodeProblems(episode, bench.kind)))).toEqual([]);
    },
  },
  {
    title: "yields every key once, and the same keys on every walk",
    async run(bench) {
      const first = keysOf((await bench.wholeWalk()).pages);
      expect(new Set(first).size, "different keys").toBe(first.length);
      expect(keysOf((await bench.wholeWalk()).pages)).toEqual(first);
    },
  },
  {
    title: "resumes from every cursor without a gap, reading again at most the page it belongs to",
    async run(bench) {
      const { pages } = await bench.wholeWalk();
      const seen = new Set<string>();
      for (const page of pages) {
        for (const key of keysOf([page])) seen.add(key);
        if (page.cursor === undefined) continue;
        const rest = keysOf((await bench.wholeWalk(page.cursor)).pages);
        expect(new Set([...seen, ...rest]), "seen before and after").toEqual(new Set(keysOf(pages)));
        const again = rest.filter((key) => seen.has(key) && !keysOf([page]).includes(key));
        expect(again, "keys of earlier pages").toEqual([]);
      }
    },
  },
  {
    title: "has nothing to say on a second walk when nothing happened",
    async run(bench) {
      const { cursor } = await bench.wholeWalk();
      expect(keysOf((await bench.wholeWalk(cursor)).pages)).toEqual([]);
    },
  },
  {
    title: "asks for a page only when the one before was taken",
    holdsFor: onNetwork,
    run: expectRequestsOnDemand,
  },
  {
    title: "reads a page only when the one before was taken",
    holdsFor: onMachine,
    async run(bench) {
      const { changeLast } = bench.world;
      if (changeLast === undefined) throw new Error("a world without a network needs changeLast");
      let word = "";
      const { pages } = await bench.walk(undefined, async (count) => {
        if (count === 1) word = await changeLast();
      });
      expect(word).not.toBe("");
      const texts = pages.flatMap((page) => page.episodes.map((episode) => episode.text));
      expect(texts.filter((text) => text.includes(word)).length, `episodes with ${word}`).toBe(1);
    },
  },
  {
    title: "fetches nothing",
    holdsFor: onMachine,
    async run(bench) {
      await bench.wholeWalk();
      expect(bench.gate.requests).toBe(0);
    },
  },
  {
    title: "opens without asking the provider",
    holdsFor: onNetwork,
    async run(bench) {
      await bench.open();
      await settle();
      expect(bench.gate.requests).toBe(0);
    },
  },
];

async function expectRequestsOnDemand(bench: PullBench): Promise<void> {
  let before = 0;
  const { maxRequestsPerPage } = bench.provider;
  const { error } = await bench.walk(undefined, async (count) => {
    expect(bench.gate.requests - before, `requests for page ${count}`).toBeLessThanOrEqual(maxRequestsPerPage);
    before = bench.gate.requests;
    await settle();
    expect(bench.gate.requests, `requests while page ${count} was held`).toBe(before);
  });
  if (error !== undefined) throw error;
}

/** Whoever works ahead has asked by then. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}
