import type { ChaosViolation } from "../report.ts";
import type { Reconciliation } from "./account.ts";
import type { Violations } from "./check-journal.ts";

const mostShown = 5;

const promises: Readonly<Record<keyof Violations, string>> = {
  finishedTwice: "no due runs again after it was finished",
  overlaps: "one process at a time runs a source",
  movedByStaleOwner: "a process that lost its lease moves no cursor",
  cursorsWentBack: "no cursor goes back",
  resumedLate: "what a dead process left is resumed within its lease and a moment",
};

const accountPromises: Readonly<Record<keyof Reconciliation, string>> = {
  missing: "nothing that was acknowledged, and nothing before a cursor, is lost",
  repeated: "each item is stored once",
  unexpected: "nothing is stored that was not sent",
};

function casesOf(promise: string, found: readonly string[]): readonly ChaosViolation[] {
  const left = found.length - mostShown;
  return [...found.slice(0, mostShown), ...(left > 0 ? [`and ${left} more`] : [])].map((text) => ({ promise, found: text }));
}

/** What did not hold, a few cases of each promise. */
export function findViolations(journal: Violations, account: Reconciliation): readonly ChaosViolation[] {
  return [
    ...(Object.keys(accountPromises) as (keyof Reconciliation)[]).flatMap((key) => casesOf(accountPromises[key], account[key])),
    ...(Object.keys(promises) as (keyof Violations)[]).flatMap((key) => casesOf(promises[key], journal[key])),
  ];
}
