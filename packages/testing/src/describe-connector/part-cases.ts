import { expect } from "vitest";
import type { GateAnswer } from "../provider-gate.ts";
import { type ConnectorCase, onNetwork } from "./connector-case.ts";
import { valueOf } from "./list-shape.ts";
import { keysOf, ownError, type PullHarness, type PulledWalk } from "./pull-harness.ts";
import { expectSameKeys, few } from "./expect-keys.ts";

const dayMs = 86_400_000;

const passingFailures: Readonly<Record<string, GateAnswer>> = {
  "a 500": () => new Response("<html>Sorry</html>", { status: 500 }),
  "a failing network": () => Promise.reject(new TypeError("fetch failed")),
  garbage: () => new Response('{"half":', { headers: { "content-type": "application/json" } }),
};

/** A part that was deleted is no failure. */
const goneAnswers: Readonly<Record<string, GateAnswer>> = {
  "a 404": () => Response.json({ message: "Not Found" }, { status: 404 }),
  "a 410": () => Response.json({ message: "Gone" }, { status: 410 }),
};

const withheld = () => Response.json({ message: "Unavailable for legal reasons" }, { status: 451 });

/** A source of several parts; one cannot be read. */
export const partCases: readonly ConnectorCase[] = [
  {
    title: "reads every other part while one fails for now, names the failure, and reads that part once it is well",
    holdsFor: onNetwork,
    async run(harness) {
      const parts = await partsOf(harness);
      if (parts === undefined) return harness.lacks("part in its provider");
      const whole = new Set(keysOf((await harness.wholeWalk()).pages));
      for (const [at, [what, answer]] of Object.entries(passingFailures).entries()) {
        const walks = await walksWithout(harness, at === 0 ? parts : parts.slice(0, 2), answer);
        expectOthersRead(walks, whole, what);
        for (const { error, ...walk } of walks) {
          expect(ownError(harness, error ?? `no error, after ${what} of a part`).message).not.toBe("");
          await expectRead(harness, walk, whole);
        }
      }
    },
  },
  {
    title:
      "reads every other part by the second run while one ends each run with a rate limit, and reads that part once it is well",
    holdsFor: onNetwork,
    async run(harness) {
      const parts = await partsOf(harness);
      if (parts === undefined) return harness.lacks("part in its provider");
      const whole = new Set(keysOf((await harness.wholeWalk()).pages));
      const walks: PulledWalk[] = [];
      for (const limited of parts) walks.push(await twoWalksLimitedAt(harness, limited));
      expectOthersRead(walks, whole, "a rate limit");
      for (const walk of walks) await expectRead(harness, walk, whole);
    },
  },
  {
    title: "reads every other part while one is gone or withheld, and reports what is withheld",
    holdsFor: onNetwork,
    async run(harness) {
      const parts = await partsOf(harness);
      if (parts === undefined) return harness.lacks("part in its provider");
      const whole = new Set(keysOf((await harness.wholeWalk()).pages));
      for (const [at, [what, answer]] of Object.entries(goneAnswers).entries()) {
        expectOthersRead(await walksWithout(harness, at === 0 ? parts : parts.slice(0, 2), answer), whole, what);
      }
      const walks = await walksWithout(harness, parts, withheld);
      expectOthersRead(walks, whole, "a 451");
      for (const walk of walks) expect(isReported(walk), "an error, or a count in `skipped`").toBe(true);
    },
  },
];

/** The parts that a walk requests. */
async function partsOf(harness: PullHarness): Promise<readonly string[] | undefined> {
  const { part } = harness.provider;
  if (part === undefined) return undefined;
  const parts = new Set<string>();
  harness.gate.intercept((request, pass) => {
    const name = valueOf(request, part);
    if (name !== undefined) parts.add(name);
    return pass();
  });
  await harness.wholeWalk();
  harness.gate.intercept(undefined);
  if (parts.size < 2) throw new Error(`the source of ${harness.kind} needs two parts or more`);
  return [...parts];
}

/** For each part a walk during which its requests are answered so. */
async function walksWithout(harness: PullHarness, parts: readonly string[], answer: GateAnswer): Promise<readonly PulledWalk[]> {
  const walks: PulledWalk[] = [];
  for (const failing of parts) {
    walks.push(await withoutPart(harness, failing, answer, () => harness.walk()));
    harness.clock.set(harness.clock.now() + dayMs);
  }
  return walks;
}

/** What two walks of one process yield, the second of which resumes the first, while the limit of one part is used up. */
async function twoWalksLimitedAt(harness: PullHarness, limited: string): Promise<PulledWalk> {
  const source = await harness.open();
  const answer = () => harness.provider.rateLimited(harness.clock.now());
  return await withoutPart(harness, limited, answer, async () => {
    const first = await harness.walk(undefined, undefined, source);
    harness.clock.set(harness.clock.now() + dayMs);
    const second = await harness.walk(first.cursor, undefined, source);
    harness.clock.set(harness.clock.now() + dayMs);
    return { ...second, pages: [...first.pages, ...second.pages] };
  });
}

/** Answers the requests of one part so, as long as `run` lasts. */
async function withoutPart<Result>(
  harness: PullHarness,
  failing: string,
  answer: GateAnswer,
  run: () => Promise<Result>,
): Promise<Result> {
  const { part = () => undefined } = harness.provider;
  harness.gate.intercept((request, pass) => (valueOf(request, part) === failing ? answer() : pass()));
  try {
    return await run();
  } finally {
    harness.gate.intercept(undefined);
  }
}

/** What is missing without one part is there without another: else the failure of the one kept the other from being read. */
function expectOthersRead(walks: readonly PulledWalk[], whole: ReadonlySet<string>, what: string): void {
  const missing = walks.map(({ pages }) => {
    const read = new Set(keysOf(pages));
    return [...whole].filter((key) => !read.has(key));
  });
  for (const [at, one] of missing.entries()) {
    expect(one.length, `episodes that are missing after ${what} of a part`).toBeGreaterThan(0);
    const others = new Set(missing.slice(at + 1).flat());
    expect(few(one.filter((key) => others.has(key))), `missing twice, after ${what}`).toEqual([]);
  }
}

async function expectRead(harness: PullHarness, { pages, cursor }: PulledWalk, whole: ReadonlySet<string>): Promise<void> {
  const rest = await harness.wholeWalk(cursor);
  expectSameKeys(keysOf([...pages, ...rest.pages]), whole, "keys seen before and after");
}

function isReported({ error, pages }: PulledWalk): boolean {
  return error !== undefined || pages.some(({ skipped = {} }) => Object.values(skipped).some((count) => count > 0));
}
