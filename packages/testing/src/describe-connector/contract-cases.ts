import { type Episode, isConnectorsError, type Page } from "@statewave-connectors/connector-sdk";
import { contractError } from "@statewave-connectors/connector-sdk/host";
import { expect } from "vitest";
import type { ConnectorCase } from "./connector-case.ts";
import { keysOf, ownError, type PullHarness } from "./pull-harness.ts";
import { restsBehind } from "./rests-behind.ts";
import { expectSameKeys, expectSameOrder, few } from "./expect-keys.ts";

const maxIdLength = 512;

/** What a connector offers besides `pages` and `check`, as far as it does: its failed items, ranges, start points and what it declares. */
export const contractCases: readonly ConnectorCase[] = [
  {
    title: "is made for the contract of this release",
    async run(harness) {
      expect(contractError(harness.subject.connector)).toBeUndefined();
    },
  },
  {
    title: "declares each right once, with its name and what it is for",
    async run(harness) {
      const { pull, push } = harness.subject.connector;
      for (const rights of [pull?.rights ?? [], push?.rights ?? []]) {
        for (const { name, for: purpose } of rights) expect([name.trim(), purpose.trim()]).not.toContain("");
        const names = rights.map(({ name }) => name);
        expect(new Set(names).size, "different names").toBe(names.length);
      }
    },
  },
  {
    title: "reads every other item when it cannot map one, and lists that one as failed",
    async run(harness) {
      const { breakOne, options } = harness.fixture;
      if (breakOne === undefined) return harness.lacks("breakOne in its fixture");
      const whole = keysOf((await harness.wholeWalk()).pages);
      await breakOne();
      const { pages } = await harness.wholeWalk();
      const failures = pages.flatMap((page) => page.failures ?? []);
      expect(failures.length, "failed items").toBeGreaterThan(0);
      for (const { id, error, raw } of failures) {
        expect(typeof id === "string" && id.length > 0 && id.length <= maxIdLength, `the id ${id}`).toBe(true);
        expect(error, `the error of ${id}`).toBeDefined();
        const json = JSON.stringify(raw ?? null);
        expect(JSON.stringify(JSON.parse(json)), `the raw form of ${id}`).toBe(json);
        if (typeof options["token"] === "string") expect(json).not.toContain(options["token"]);
      }
      expect(new Set(failures.map(({ id }) => id)).size, "different ids").toBe(failures.length);
      const left = new Set(keysOf(pages));
      expect(whole.filter((key) => !left.has(key)).length, "missing episodes").toBeGreaterThan(0);
      expect(left.size, "episodes beside it").toBeGreaterThan(whole.length / 2);
      expect(few([...left].filter((key) => !whole.includes(key))), "keys that were not there before").toEqual([]);
      expectSameOrder(failuresOf((await harness.wholeWalk()).pages), failuresOf(pages), "the same items on every walk");
    },
  },
  {
    title: "maps a raw item to the episodes that a page has of it",
    async run(harness) {
      const source = await harness.open();
      if (source.map === undefined) return harness.lacks("map()");
      const items = await rawItems(harness);
      const paged = byKey((await harness.wholeWalk()).pages.flatMap((page) => page.episodes));
      const requests = harness.gate.requests;
      const mapped = items.flatMap(({ raw }) => source.map?.(JSON.parse(JSON.stringify(raw))) ?? []);
      expect(harness.gate.requests - requests, "requests while it maps").toBe(0);
      for (const episode of mapped) expect(episode).toEqual(paged.get(episode.idempotency_key));
      const keys = mapped.map((episode) => episode.idempotency_key);
      expectSameKeys(keys, paged.keys(), "keys of the episodes that map() makes");
    },
  },
  {
    title: "throws for a raw item that it cannot map",
    async run(harness) {
      const source = await harness.open();
      if (source.map === undefined) return harness.lacks("map()");
      for (const raw of [null, "text", 7, [], {}]) {
        let thrown: unknown;
        try {
          source.map(raw);
        } catch (error) {
          thrown = error;
        }
        expect(thrown, JSON.stringify(raw)).toBeInstanceOf(Error);
      }
    },
  },
  {
    title: "fetches an item by its id as a page has it raw, and nothing for an id that is gone",
    async run(harness) {
      const source = await harness.open();
      if (source.fetchItem === undefined) return harness.lacks("fetchItem()");
      const { signal } = new AbortController();
      for (const { id, raw } of (await rawItems(harness)).slice(0, 5))
        expect(await source.fetchItem(id, signal), id).toEqual(raw);
      const { absentId } = harness.fixture;
      if (absentId !== undefined) expect(await source.fetchItem(absentId, signal)).toBeUndefined();
    },
  },
  {
    title: "yields in a range what a walk yields there, as the same episodes",
    async run(harness) {
      const source = await harness.open();
      if (source.range === undefined) return harness.lacks("range()");
      const { pages, cursor } = await harness.wholeWalk();
      const walked = pages.flatMap((page) => page.episodes);
      const paged = byKey(walked);
      const [first = 0, middle = 0, last = 0] = instantsOf(walked);
      for (const [sinceMs, untilMs] of [
        [first, last + 1],
        [first, middle],
        [middle, last + 1],
        [last, last + 1],
      ] as const) {
        const yielded = (await harness.range({ since: iso(sinceMs), until: iso(untilMs) })).flatMap((page) => page.episodes);
        for (const episode of yielded) expect(episode).toEqual(paged.get(episode.idempotency_key));
        const keys = new Set(yielded.map((episode) => episode.idempotency_key));
        const inside = walked.filter((episode) => isWithin(episode, sinceMs, untilMs));
        const missing = inside.map((episode) => episode.idempotency_key).filter((key) => !keys.has(key));
        expect(few(missing), `missing between ${iso(sinceMs)} and ${iso(untilMs)}`).toEqual([]);
      }
      const before = await harness.range({ since: iso(first - 2_000), until: iso(first - 1_000) });
      expect(keysOf(before).length, "episodes of a range in which nothing happened").toBeLessThan(walked.length);
      expect(few(keysOf((await harness.wholeWalk(cursor)).pages)), "keys of a walk after ranges").toEqual([]);
    },
  },
  {
    title: "resumes a range from every cursor of it without a gap",
    async run(harness) {
      const source = await harness.open();
      if (source.range === undefined) return harness.lacks("range()");
      const [first = 0, , last = 0] = instantsOf((await harness.wholeWalk()).pages.flatMap((page) => page.episodes));
      const range = { since: iso(first), until: iso(last + 1) };
      const whole = await harness.range(range);
      expect(whole.filter(({ cursor, episodes }) => episodes.length > 0 && cursor !== undefined).length).toBeGreaterThan(0);
      const rests = await restsBehind(whole, (cursor) => harness.pagesOfRange(range, cursor));
      const seen = new Set<string>();
      for (const [at, page] of whole.entries()) {
        for (const key of keysOf([page])) seen.add(key);
        const rest = rests[at];
        if (rest === undefined) continue;
        expectSameKeys([...seen, ...rest], keysOf(whole), "keys seen before and after");
        expect(rest.length, "read again").toBeLessThan(keysOf(whole).length);
      }
    },
  },
  {
    title: "divides a range and a cursor into the streams that it names",
    async run(harness) {
      const { pull } = harness.subject.connector;
      if (pull?.streams === undefined) return harness.lacks("streams()");
      const config = await harness.config();
      const streams = pull.streams(config);
      expect(new Set(streams).size, "different names").toBe(streams.length);
      expect(streams.length).toBeGreaterThan(0);
      const { pages, cursor = "" } = await harness.wholeWalk();
      const all = keysOf(pages);
      if (pull.resetStream !== undefined) {
        const requests = harness.gate.requests;
        const cursors = streams.map((stream) => pull.resetStream?.(config, cursor, stream));
        expect(
          streams.map((stream) => pull.resetStream?.(config, cursor, stream)),
          "the same each time",
        ).toEqual(cursors);
        expect(harness.gate.requests - requests, "requests while streams are reset").toBe(0);
        await expectDivided(
          all,
          cursors.map(async (each) => keysOf((await harness.wholeWalk(each)).pages)),
        );
        expectStreamUnknown(harness, () => pull.resetStream?.(config, cursor, "no such stream"));
        expect(codeOf(() => pull.resetStream?.(config, "no cursor", streams[0] ?? ""))).toBe(
          `${harness.codePrefix}CURSOR_INVALID`,
        );
      }
      if ((await harness.open()).range === undefined) return;
      const [first = 0, , last = 0] = instantsOf(pages.flatMap((page) => page.episodes));
      const range = { since: iso(first), until: iso(last + 1) };
      await expectDivided(
        all,
        streams.map(async (stream) => keysOf(await harness.range({ ...range, stream }))),
      );
    },
  },
  {
    title: "begins where it is seeded",
    async run(harness) {
      const { pull } = harness.subject.connector;
      if (pull?.seed === undefined) return harness.lacks("seed()");
      const config = await harness.config();
      const walked = (await harness.wholeWalk()).pages.flatMap((page) => page.episodes);
      const [first = 0, middle = 0, last = 0] = instantsOf(walked);
      const requests = harness.gate.requests;
      const seeds = [first - 1, middle, Math.max(last, harness.clock.now()) + 1_000].map((sinceMs) => ({ since: iso(sinceMs) }));
      const cursors = seeds.map((seed) => pull.seed?.(config, seed) ?? "");
      expect(
        seeds.map((seed) => pull.seed?.(config, seed)),
        "the same each time",
      ).toEqual(cursors);
      expect(harness.gate.requests - requests, "requests while it seeds").toBe(0);
      const [all = [], later = [], none = []] = await Promise.all(
        cursors.map(async (cursor) => keysOf((await harness.wholeWalk(cursor)).pages)),
      );
      const walkedKeys = walked.map((episode) => episode.idempotency_key);
      expectSameKeys(all, walkedKeys, "keys of a walk that begins before all");
      const wanted = walked.filter((episode) => Date.parse(episode.occurred_at) > middle);
      const missing = wanted.map((episode) => episode.idempotency_key).filter((key) => !later.includes(key));
      expect(few(missing), "keys that are missing after the middle").toEqual([]);
      expect(few(none), "keys of a walk that begins after all").toEqual([]);
    },
  },
];

async function rawItems({ fixture, kind }: PullHarness): Promise<readonly { readonly id: string; readonly raw: unknown }[]> {
  if (fixture.rawItems === undefined)
    throw new Error(`the fixture of ${kind} needs rawItems, since its pull has map() or fetchItem()`);
  return fixture.rawItems();
}

/** Every episode in one part, and none in two. */
async function expectDivided(all: readonly string[], parts: readonly Promise<readonly string[]>[]): Promise<void> {
  const keys = (await Promise.all(parts)).flatMap((part) => [...new Set(part)]);
  expectSameOrder(keys.toSorted(), [...new Set(all)].toSorted(), "keys of all parts");
}

function expectStreamUnknown(harness: PullHarness, act: () => unknown): void {
  let thrown: unknown;
  try {
    act();
  } catch (error) {
    thrown = error;
  }
  const { code, hint = "" } = ownError(harness, thrown);
  expect(code).toBe(`${harness.codePrefix}STREAM_UNKNOWN`);
  expect(hint, "hint").not.toBe("");
}

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return isConnectorsError(error) ? error.code : String(error);
  }
  return undefined;
}

function byKey(episodes: readonly Episode[]): ReadonlyMap<string, Episode> {
  return new Map(episodes.map((episode) => [episode.idempotency_key, episode]));
}

function failuresOf(pages: readonly Page[]): readonly string[] {
  return pages.flatMap((page) => (page.failures ?? []).map(({ id }) => id));
}

/** The first, the middle and the last instant at which something happened, epoch milliseconds. */
function instantsOf(episodes: readonly Episode[]): readonly number[] {
  const instants = episodes.map((episode) => Date.parse(episode.occurred_at)).toSorted((left, right) => left - right);
  return [instants[0] ?? 0, instants[Math.floor(instants.length / 2)] ?? 0, instants.at(-1) ?? 0];
}

function isWithin({ occurred_at: at }: Episode, sinceMs: number, untilMs: number): boolean {
  return Date.parse(at) >= sinceMs && Date.parse(at) < untilMs;
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
