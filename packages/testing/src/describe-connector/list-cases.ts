import { expect } from "vitest";
import type { GateRequest, Interception } from "../provider-gate.ts";
import { type ConnectorCase, inPages, onNetwork } from "./connector-case.ts";
import { claimingMore, hasMore, type ListAnswer, type ListShape, readList, shapesOf, toResponse, valueOf } from "./list-shape.ts";
import { keysOf, ownError, type PullHarness, type PulledWalk } from "./pull-harness.ts";
import { expectSameKeys } from "./expect-keys.ts";

/** A walk that makes more requests than this has no end: the source has a few pages. */
const mostRequests = 300;
const largestSize = 10;
const dayMs = 86_400_000;

const inLists: ConnectorCase["holdsFor"] = (traits) => onNetwork(traits) && inPages(traits);

/** A provider whose lists lie about themselves, or break. A walk ends on the provider's word, and never by a guess. */
export const listCases: readonly ConnectorCase[] = [
  {
    title: "ends with an error when a page comes again and again, and resumes without a gap",
    holdsFor: inLists,
    async run(harness) {
      if (shapesIn(harness).length === 0) return harness.lacks("lists in its provider");
      await expectErrorWithoutGap(harness, repeating());
    },
  },
  {
    title: "ends with an error when the provider claims that there is more and does not say where, and resumes without a gap",
    holdsFor: inLists,
    async run(harness) {
      if (!shapesIn(harness).some(({ more, end, next }) => (more ?? end ?? next) !== undefined)) {
        return harness.lacks("lists with `more`, `end` or `next` in its provider");
      }
      await expectErrorWithoutGap(harness, claimingMore);
    },
  },
  {
    title: "requests smaller pages while the provider does not manage larger ones",
    holdsFor: inLists,
    async run(harness) {
      if (!shapesIn(harness).some(hasSize)) return harness.lacks("lists with a `size` in its provider");
      const whole = keysOf((await harness.wholeWalk()).pages);
      interceptLists(harness, (answer, request) => (sizeOf(answer, request) > largestSize ? "fails" : answer));
      const { pages, error } = await harness.walk();
      expect(error, `the error of a walk with pages of ${largestSize}`).toBeUndefined();
      expectSameKeys(keysOf(pages), whole, "keys of a walk with small pages");
    },
  },
  {
    title: "reads everything but an item that breaks its page, or all that lies before it",
    holdsFor: inLists,
    async run(harness) {
      if (!shapesIn(harness).some(hasSize)) return harness.lacks("lists with a `size` in its provider");
      const { whole, poisoned } = await poisonedItem(harness);
      interceptLists(harness, ({ items, ...answer }) =>
        items.some((item) => JSON.stringify(item) === poisoned) ? "fails" : { ...answer, items },
      );
      const spoiled = await harness.walk();
      const read = new Set(keysOf(spoiled.pages));
      if (spoiled.error === undefined) {
        expect(spoiled.pages.flatMap((page) => page.failures ?? []).length, "failed items").toBeGreaterThan(0);
        expect(keysOf(whole.pages).filter((key) => !read.has(key)).length, "missing beside it").toBeLessThan(5);
        return;
      }
      expect(ownError(harness, spoiled.error).message).not.toBe("");
      expect(read.size, "episodes").toBeGreaterThan(
        whole.pages.find(({ episodes }) => episodes.length > 0)?.episodes.length ?? 0,
      );
      await expectRest(harness, spoiled, whole);
    },
  },
];

function shapesIn({ provider }: PullHarness): readonly ListShape[] {
  return shapesOf(provider.lists);
}

function hasSize({ size }: ListShape): boolean {
  return size !== undefined;
}

function sizeOf({ shape: { size } }: ListAnswer, request: GateRequest): number {
  return size === undefined ? 0 : Number(valueOf(request, size) ?? Infinity);
}

/** What a page of a list becomes; `fails`: a 502. `place` is the same for all pages of a list. */
type Spoil<Spoiled = ListAnswer | "fails"> = (answer: ListAnswer, request: GateRequest, place: string) => Spoiled;

/** From now on every page of a list is spoiled. Returns the number of requests for pages. */
function interceptLists(harness: PullHarness, spoil: Spoil): () => number {
  const { part } = harness.provider;
  const shapes = shapesIn(harness);
  let pages = 0;
  const interception: Interception = async (request, pass) => {
    if (pages > mostRequests) throw new TypeError("fetch failed");
    const response = await pass();
    const answer = await readList(
      shapes.filter(({ isFor }) => isFor?.(request) ?? true),
      response,
    );
    if (answer === undefined) return response;
    pages += 1;
    const place = `${request.url.pathname} ${part === undefined ? "" : (valueOf(request, part) ?? "")}`;
    const spoiled = spoil(answer, request, place);
    return spoiled === "fails" ? new Response("<html>Bad gateway</html>", { status: 502 }) : toResponse(spoiled);
  };
  harness.gate.intercept(interception);
  return () => pages;
}

/** Gives the first page of each list for all of its pages. */
function repeating(): Spoil<ListAnswer> {
  const first = new Map<string, ListAnswer>();
  return (answer, _, place) => {
    const known = first.get(place);
    if (known === undefined && hasMore(answer)) first.set(place, answer);
    return known ?? answer;
  };
}

async function expectErrorWithoutGap(harness: PullHarness, spoil: Spoil<ListAnswer>): Promise<void> {
  const whole = await harness.wholeWalk();
  const pages = interceptLists(harness, spoil);
  const spoiled = await harness.walk();
  expect(pages(), "requests for pages").toBeLessThanOrEqual(mostRequests);
  expect(spoiled.error, "the end of a list whose end the provider did not name").toBeDefined();
  expect(ownError(harness, spoiled.error).message).not.toBe("");
  await expectRest(harness, spoiled, whole);
}

/** A later run, while the provider is well, brings what is missing. */
async function expectRest(harness: PullHarness, spoiled: PulledWalk, whole: PulledWalk): Promise<void> {
  harness.gate.intercept(undefined);
  harness.clock.set(harness.clock.now() + dayMs);
  const rest = await harness.wholeWalk(spoiled.cursor);
  expectSameKeys(keysOf([...spoiled.pages, ...rest.pages]), keysOf(whole.pages), "keys seen before and after");
}

/** The item in the middle of the second page of a list, as JSON, and a walk that met it. */
async function poisonedItem(harness: PullHarness): Promise<{ readonly whole: PulledWalk; readonly poisoned: string }> {
  const seen = new Map<string, number>();
  let poisoned: string | undefined;
  interceptLists(harness, (answer, _, place) => {
    const count = (seen.get(place) ?? 0) + 1;
    seen.set(place, count);
    if (count === 2 && poisoned === undefined && hasSize(answer.shape))
      poisoned = JSON.stringify(answer.items[Math.floor(answer.items.length / 2)]);
    return answer;
  });
  const whole = await harness.wholeWalk();
  harness.gate.intercept(undefined);
  if (poisoned === undefined) throw new Error(`no list of ${harness.kind} with a \`size\` has a second page with items`);
  return { whole, poisoned };
}
