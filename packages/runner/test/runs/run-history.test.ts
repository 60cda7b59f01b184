import { describe, expect, test } from "vitest";
import { isBalanced, type RunAccount } from "../../src/runs/run-account.ts";
import { addAccount, formatHistory, mostAccounts, parseHistory, withoutDeadRuns } from "../../src/runs/run-history.ts";
import { formatSummary, parseSummary, type SourceSummary, summarize } from "../../src/runs/source-summary.ts";
import { sampleAccount, source, withNews } from "./sample-account.ts";

const runIdOf = (number: number) => number.toString(16).padStart(12, "0");
const history = (...accounts: readonly RunAccount[]) => accounts.reduce(addAccount, [] as readonly RunAccount[]);
const numbered = (number: number, make = withNews, overrides: Partial<RunAccount> = {}) =>
  make({ runId: runIdOf(number), epoch: number, startedAtMs: number * 1_000, ...overrides });

describe("the accounts of a source", () => {
  test("are the last 50, the latest last", () => {
    const kept = history(...Array.from({ length: 70 }, (_, index) => numbered(index + 1)));
    expect(kept).toHaveLength(mostAccounts);
    expect([kept[0]?.epoch, kept.at(-1)?.epoch]).toEqual([21, 70]);
  });

  test("have one for runs in a row without news, with their number and the beginning of the first", () => {
    const idle = Array.from({ length: 1_000 }, (_, index) => numbered(index + 2, sampleAccount, { fetched: 1, skipped: 1 }));
    const kept = history(numbered(1), ...idle, numbered(2_000), numbered(2_001, sampleAccount));
    expect(kept.map(({ runs }) => runs)).toEqual([1, 1_000, 1, 1]);
    expect(kept[1]).toMatchObject({ sinceMs: 2_000, startedAtMs: 1_001_000, fetched: 1_000, skipped: 1_000, requests: 2_000 });
    expect(kept.every(isBalanced)).toBe(true);
  });

  test("show a run under way, then how it ended", () => {
    const running = numbered(1, withNews, { outcome: "running" });
    expect(history(running)).toEqual([running]);
    expect(history(running, numbered(1))).toEqual([numbered(1)]);
  });

  test("show a run as killed once another one has its lease, and how it ended should it report that later", () => {
    const running = numbered(1, withNews, { outcome: "running" });
    const killed = history(running, numbered(2));
    expect(killed.map(({ outcome }) => outcome)).toEqual(["killed", "done"]);
    const late = addAccount(
      killed,
      numbered(1, withNews, { outcome: "failed", error: { code: "STORE_LEASE_LOST", message: "lost" } }),
    );
    expect(late.map(({ outcome, epoch }) => `${epoch} ${outcome}`)).toEqual(["1 failed", "2 done"]);
  });

  test("show a run as killed that no live lease belongs to", () => {
    const kept = history(numbered(7, withNews, { outcome: "running" }));
    expect(withoutDeadRuns(kept, undefined)).toMatchObject([{ outcome: "killed" }]);
    expect(withoutDeadRuns(kept, 8)).toMatchObject([{ outcome: "killed" }]);
    expect(withoutDeadRuns(kept, 7)).toMatchObject([{ outcome: "running" }]);
  });

  test("count a run once whose write was repeated because its answer was lost", () => {
    const once = history(numbered(1), numbered(2, sampleAccount), numbered(3, sampleAccount));
    expect(addAccount(once, numbered(3, sampleAccount))).toEqual(once);
    expect(addAccount(once, numbered(1))).toEqual(once);
  });

  test("are in the order of the runs, and a run under way stays that when a process is late to write an earlier one", () => {
    const lost = { code: "STORE_LEASE_LOST", message: "lost" };
    const kept = history(
      numbered(1),
      numbered(3, withNews, { outcome: "running" }),
      numbered(2, withNews, { outcome: "failed", error: lost }),
    );
    expect(kept.map(({ outcome, epoch }) => `${epoch} ${outcome}`)).toEqual(["1 done", "2 failed", "3 running"]);
  });

  test("have one for runs without news also when the last of them was shown while it was under way", () => {
    const running = numbered(2, sampleAccount, { outcome: "running" });
    expect(history(numbered(1, sampleAccount), running, numbered(2, sampleAccount))).toMatchObject([{ runs: 2, epoch: 2 }]);
  });

  test("count a run once that shares its account with a later one, when its write is repeated", () => {
    const kept = history(numbered(1), numbered(2, sampleAccount), numbered(3, sampleAccount));
    expect(addAccount(kept, numbered(2, sampleAccount))).toEqual(kept);
  });

  test("survive being stored", () => {
    const kept = history(
      numbered(1),
      numbered(2, sampleAccount),
      numbered(3, sampleAccount),
      numbered(4, withNews, { outcome: "partial", reason: "paused", resumed: true }),
      numbered(5, withNews, {
        outcome: "failed",
        openItems: 4,
        error: { code: "DEMO_LIMITED", message: "slow down", retryAtMs: 9 },
      }),
    );
    expect(parseHistory(formatHistory(kept), source)).toEqual(kept);
  });

  test.each([
    "\u{1f600}".repeat(150),
    "漢".repeat(300),
    "\u0001".repeat(300),
    "GitHub answered 502 to GET /repos ".repeat(9).slice(0, 300),
  ])("are 50 also where every run failed with a long error: 48 KiB at most (%#)", (message) => {
    const error = { code: "DEMO_BROKEN_AGAIN_AND_AGAIN", message, retryAtMs: 1_800_000_000_000 };
    const run = { outcome: "failed" as const, error, openItems: 100_000, process: `${"web".repeat(20)}:4194304` };
    const kept = Array.from({ length: 50 }, (_, index) => numbered(index + 1, withNews, run));
    const text = formatHistory(kept);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(48 * 1_024);
    const read = parseHistory(text, source);
    expect(read.map(({ epoch }) => epoch)).toEqual(kept.map(({ epoch }) => epoch));
    expect(read.every(({ error: cut }) => message.startsWith(cut?.message ?? "none") && (cut?.message.length ?? 0) > 50)).toBe(
      true,
    );
  });

  test.each([
    "",
    "null",
    "{}",
    "[null]",
    "[[]]",
    '[{"runId":"a"}]',
    '[{"runId":"a","process":"p","epoch":1,"startedAtMs":1,"outcome":"flew"}]',
    '[{"runId":"a","process":"p","epoch":1,"startedAtMs":1,"outcome":"done","fetched":"many"}]',
    '[{"runId":"a","process":"p","epoch":1,"startedAtMs":1e300,"outcome":"done"}]',
    '[{"runId":"a","process":"p","epoch":1,"startedAtMs":1,"outcome":"done","dueMs":-1e300}]',
    '[{"runId":"a","process":"p","epoch":1,"startedAtMs":1,"outcome":"failed","error":{"code":"A","message":"b","retryAtMs":1e300}}]',
    '[{"runId":"a","process":"p","epoch":1,"startedAtMs":1,"outcome":"failed","error":"why"}]',
  ])("are none where the record holds %s", (text) => {
    expect(parseHistory(text, source)).toEqual([]);
  });
});

describe("the summary of a source", () => {
  const summaryOf = (...accounts: readonly RunAccount[]) =>
    accounts.reduce<SourceSummary | undefined>((summary, account) => summarize(summary, account), undefined);
  const failed = (number: number) =>
    numbered(number, sampleAccount, { outcome: "failed", error: { code: "DEMO_DOWN", message: "down" } });

  test("has the last run, when one last read the source to its end, and how many failed since", () => {
    expect(summaryOf(numbered(1), failed(2), failed(3))).toMatchObject({ doneAtMs: 1_012, failures: 2, last: { epoch: 3 } });
    expect(summaryOf(failed(1), numbered(2))).toMatchObject({ doneAtMs: 2_012, failures: 0 });
    expect(summaryOf(failed(1), numbered(2, withNews, { outcome: "partial", reason: "stopping" }))).toMatchObject({
      failures: 1,
    });
  });

  test("shows a cursor that stands while episodes come, until it moves; runs without episodes prove nothing", () => {
    const standing = (number: number) => numbered(number, withNews, { movedCursor: false });
    expect(summaryOf(standing(1), numbered(2, sampleAccount), standing(3))?.standing).toEqual({ sinceMs: 1_000, runs: 2 });
    expect(summaryOf(standing(1), numbered(2))?.standing).toBeUndefined();
  });

  test("ignores a run that it has", () => {
    const summary = summaryOf(failed(1), failed(2));
    expect(summarize(summary, failed(2))).toBe(summary);
    expect(summarize(summary, failed(1))).toBe(summary);
  });

  test("stays that of the last run when a process that lost its lease is late to report", () => {
    expect(summaryOf(numbered(3), failed(2))).toMatchObject({ failures: 0, last: { epoch: 3 } });
  });

  test("has the run after a move to another store, whose epochs begin anew", () => {
    const moved = { ...failed(1), startedAtMs: 9_000 };
    expect(summaryOf(numbered(7), moved)).toMatchObject({ failures: 1, last: { epoch: 1 } });
  });

  test("survives being stored, and is unknown where the record holds something else", () => {
    const summary = summaryOf(numbered(1, withNews, { movedCursor: false }), failed(2))!;
    expect(parseSummary(formatSummary(summary), source)).toEqual(summary);
    for (const text of ["", "null", "[]", "{}", '{"last": {}}']) expect(parseSummary(text, source)).toBeUndefined();
  });
});
