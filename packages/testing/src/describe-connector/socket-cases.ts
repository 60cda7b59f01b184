import { expect } from "vitest";
import { within } from "../within.ts";
import { type ConnectorCase, onSocket } from "./connector-case.ts";
import { check, isOver } from "./ending-cases.ts";
import { expectSameKeys, expectSameOrder } from "./expect-keys.ts";
import { keysOf, ownError, type PullHarness } from "./pull-harness.ts";

/** What a provider at a socket does on a bad day: the suite breaks the way to it. */
export const socketCases: readonly ConnectorCase[] = [
  {
    title: "opens without connecting to the provider",
    holdsFor: onSocket,
    async run(harness) {
      await harness.wholeWalk();
      const ofWalk = harness.proxy.connections();
      await harness.open();
      // What was begun by opening has arrived by the end of a walk.
      await harness.wholeWalk();
      expect(harness.proxy.connections(), "connections of two walks and an entry that was only opened").toBe(2 * ofWalk);
    },
  },
  {
    title: "reads on when its connection was cut between two pages",
    holdsFor: onSocket,
    async run(harness) {
      const whole = keysOf((await harness.wholeWalk()).pages);
      const { pages, error } = await harness.walk(undefined, () => harness.proxy.cut());
      if (error !== undefined) throw error;
      expectSameOrder(keysOf(pages), whole, "keys of a walk whose connections were cut");
    },
  },
  {
    title: "calls a provider that it cannot connect to a passing failure, and resumes without a gap",
    holdsFor: onSocket,
    async run(harness) {
      const whole = keysOf((await harness.wholeWalk()).pages);
      for (const afterPages of [0, 1, 2]) {
        const { pages, cursor, error } = await walkInto(harness, afterPages);
        expect(error.retryable, `retryable after ${afterPages} pages`).toBe(true);
        expect(error.hint ?? "", "hint").not.toBe("");
        const rest = await harness.wholeWalk(cursor);
        expectSameKeys(keysOf([...pages, ...rest.pages]), whole, "keys seen before and after");
      }
    },
  },
  {
    title: "ends at once when it is aborted while the provider at its socket is silent",
    holdsFor: onSocket,
    async run(harness) {
      for (const afterPages of [1, 2]) {
        const abort = new AbortController();
        const pages = (await harness.open()).pages(undefined, abort.signal)[Symbol.asyncIterator]();
        for (let taken = 0; taken < afterPages; taken += 1) await pages.next();
        harness.proxy.setMode("swallow-replies");
        const sent = harness.proxy.received().length;
        const over = isOver(pages.next());
        await expect.poll(() => harness.proxy.received().length).toBeGreaterThan(sent);
        abort.abort(new Error("aborted by the case"));
        expect(await within("an aborted command", over), "the walk is over").toBe(true);
        harness.proxy.setMode("open");
      }
    },
  },
  {
    title: "ends in time when the provider at its socket falls silent, with a passing failure",
    holdsFor: onSocket,
    async run(harness) {
      const pages = (await harness.open()).pages(undefined, new AbortController().signal)[Symbol.asyncIterator]();
      await pages.next();
      harness.proxy.setMode("swallow-replies");
      const sent = harness.proxy.received().length;
      const next = pages.next().then(
        () => undefined,
        (error: unknown) => error,
      );
      await expect.poll(() => harness.proxy.received().length).toBeGreaterThan(sent);
      const over = within("a walk whose provider is silent", next);
      await harness.clock.advance(3_600_000);
      expect(ownError(harness, await over).retryable, "retryable").toBe(true);
      harness.proxy.setMode("open");
    },
  },
  {
    title: "calls credentials that the provider refuses a lasting failure, says what to do, and does not quote them",
    holdsFor: onSocket,
    async run(harness) {
      const { refusedOptions } = harness.fixture;
      if (refusedOptions === undefined) throw new Error("the fixture of a provider at a socket needs refusedOptions");
      const source = await harness.open(refusedOptions);
      const failed = source.pages(undefined, new AbortController().signal)[Symbol.asyncIterator]().next();
      const error = ownError(
        harness,
        await failed.then(
          () => "nothing",
          (thrown: unknown) => thrown,
        ),
      );
      expect([error.code, error.retryable, error.retryAtMs]).toEqual([`${harness.codePrefix}UNAUTHORIZED`, false, undefined]);
      expect(error.hint ?? "", "hint").not.toBe("");
      const results = await check(harness, refusedOptions);
      expect(results.filter(({ ok, message }) => !ok && message !== "").length, "findings").toBeGreaterThan(0);
      const shown = JSON.stringify([error.message, error.hint, results]);
      for (const secret of harness.secrets(refusedOptions)) expect(shown).not.toContain(secret);
    },
  },
];

/** A walk on which no connection stands any more once `afterPages` were yielded. */
async function walkInto(harness: PullHarness, afterPages: number) {
  const { proxy } = harness;
  const breakOff = () => {
    proxy.setRefusing(true);
    proxy.cut();
  };
  if (afterPages === 0) breakOff();
  const walk = await harness.walk(undefined, (count) => {
    if (count === afterPages) breakOff();
  });
  proxy.setRefusing(false);
  return { ...walk, error: ownError(harness, walk.error ?? "nothing") };
}
