import { type CheckResult, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { expect } from "vitest";
import { within } from "../within.ts";
import { type ConnectorCase, onNetwork, withoutHttp } from "./connector-case.ts";
import { ownError, type PullHarness } from "./pull-harness.ts";

/** Aborts, cursors of others, and what `check` finds. */
export const endingCases: readonly ConnectorCase[] = [
  {
    title: "yields nothing more once it is aborted between two pages",
    async run(harness) {
      const abort = new AbortController();
      const pages = (await harness.open()).pages(undefined, abort.signal)[Symbol.asyncIterator]();
      expect((await pages.next()).done).toBe(false);
      abort.abort(new Error("aborted by the case"));
      expect(await within("an aborted walk", isOver(pages.next())), "the walk is over").toBe(true);
    },
  },
  {
    title: "ends at once when it is aborted while the provider is silent",
    holdsFor: onNetwork,
    async run(harness) {
      for (const afterPages of harness.moments(0, 1)) {
        const abort = new AbortController();
        const pages = (await harness.open()).pages(undefined, abort.signal)[Symbol.asyncIterator]();
        for (let taken = 0; taken < afterPages; taken += 1) await pages.next();
        harness.gate.silence();
        const asked = harness.gate.nextRequest();
        const over = isOver(pages.next());
        await within("the next request", asked);
        abort.abort(new Error("aborted by the case"));
        expect(await within("an aborted request", over), "the walk is over").toBe(true);
        harness.gate.answerWith(undefined);
      }
    },
  },
  {
    title: "refuses a cursor that it did not write, for good and before it requests anything",
    async run(harness) {
      const { cursor } = await harness.wholeWalk();
      const before = harness.gate.requests;
      for (const foreign of foreignCursors(cursor)) {
        const { pages, error } = await harness.walk(foreign);
        const { code, retryable, hint = "" } = ownError(harness, error ?? "nothing");
        expect([code, retryable], foreign.slice(0, 80)).toEqual([`${harness.codePrefix}CURSOR_INVALID`, false]);
        expect(hint, "hint").not.toBe("");
        expect(pages.length, `pages of a walk from ${foreign.slice(0, 80)}`).toBe(0);
        // `doctor` and `state set` abort a walk before it begins, to have its cursor read and nothing else.
        const whenAborted = ownError(harness, await errorOfAbortedWalk(harness, foreign));
        expect(whenAborted.code, `of an aborted walk from ${foreign.slice(0, 80)}`).toBe(code);
      }
      expect(harness.gate.requests, "requests").toBe(before);
    },
  },
  {
    title: "finds nothing wrong with a sound source when it is checked",
    async run(harness) {
      const results = await check(harness, harness.fixture.options);
      expect(results.length).toBeGreaterThan(0);
      expect(results.filter(({ ok }) => !ok)).toEqual([]);
    },
  },
  {
    title: "finds refused credentials when it is checked, with the error of a run, and does not quote them",
    holdsFor: onNetwork,
    async run(harness) {
      harness.gate.answerWith(() => harness.provider.unauthorized());
      const results = await check(harness, harness.fixture.options);
      const found = results.filter(({ ok, message }) => !ok && message !== "");
      expect(found.length).toBeGreaterThan(0);
      for (const { error } of found) expect(ownError(harness, error)).toMatchObject({ retryable: false });
      const { token } = harness.fixture.options;
      if (typeof token === "string") expect(JSON.stringify(results)).not.toContain(token);
    },
  },
  {
    title: "finds an entry that cannot work when it is checked",
    holdsFor: withoutHttp,
    async run(harness) {
      const { brokenOptions } = harness.fixture;
      if (brokenOptions === undefined) throw new Error("a fixture without HTTP needs brokenOptions");
      const results = await check(harness, brokenOptions);
      expect(results.filter(({ ok, message }) => !ok && message !== "").length).toBeGreaterThan(0);
    },
  },
];

async function errorOfAbortedWalk(harness: PullHarness, cursor: string): Promise<unknown> {
  const source = await harness.open();
  try {
    await source.pages(cursor, AbortSignal.abort())[Symbol.asyncIterator]().next();
    return "nothing";
  } catch (error) {
    return error;
  }
}

/** Whether the walk ended, well or by an error, instead of yielding. */
export async function isOver(next: Promise<IteratorResult<unknown>>): Promise<boolean> {
  return next.then(
    ({ done }) => done === true,
    () => true,
  );
}

export async function check(harness: PullHarness, options: Readonly<Record<string, unknown>>) {
  const source = await harness.open(options);
  if (source.check === undefined) throw new Error(`the pull of ${harness.kind} has no check()`);
  const results = source.check(new AbortController().signal).catch((error: unknown): readonly CheckResult[] => {
    if (!isConnectorsError(error)) throw error;
    return [{ ok: false, message: error.message, error }];
  });
  return within("check()", results);
}

function foreignCursors(own: string | undefined): readonly string[] {
  const general = [
    "",
    " ",
    "cursor",
    "{",
    "{}",
    "[]",
    "null",
    "-1",
    '{"v":999}',
    '{"version":999}',
    '{"page":2}',
    "\0",
    "x".repeat(10_000),
  ];
  const isJson = own?.startsWith("{") === true;
  return isJson ? [...general, own.slice(0, -1), `[${own}]`, `${own}}`] : general;
}
