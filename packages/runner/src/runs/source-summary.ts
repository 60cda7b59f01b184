import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { isInstant } from "../records/is-instant.ts";
import type { RunAccount } from "./run-account.ts";
import { isEarlier, isSameRun, packed, parseAccount } from "./run-history.ts";

/** What is remembered of a pull source beside its accounts, small enough to be read for every source at once. */
export interface SourceSummary {
  /** The latest run that has ended. */
  readonly last: RunAccount;
  /** When a run last read the source to its end. */
  readonly doneAtMs?: number;
  /** Runs that failed in a row, the latest among them. */
  readonly failures: number;
  /** Episodes come while the cursor stays as it is: since when, and in how many runs. */
  readonly standing?: { readonly sinceMs: number; readonly runs: number };
}

/** The summary with another run that has ended. */
export function summarize(before: SourceSummary | undefined, account: RunAccount): SourceSummary {
  // The answer to its first write was lost, or its process was late to write.
  if (before !== undefined && (isSameRun(before.last, account) || isEarlier(account, before.last))) return before;
  const { outcome, startedAtMs, durationMs } = account;
  const doneAtMs = outcome === "done" ? startedAtMs + durationMs : before?.doneAtMs;
  const standing = standingAfter(before, account);
  return {
    last: account,
    ...(doneAtMs === undefined ? {} : { doneAtMs }),
    failures: outcome === "failed" ? (before?.failures ?? 0) + 1 : outcome === "done" ? 0 : (before?.failures ?? 0),
    ...(standing === undefined ? {} : { standing }),
  };
}

/** A run without episodes proves nothing. */
function standingAfter(before: SourceSummary | undefined, { movedCursor, mapped, startedAtMs }: RunAccount) {
  if (movedCursor) return undefined;
  const standing = before?.standing;
  if (mapped === 0) return standing;
  return { sinceMs: standing?.sinceMs ?? startedAtMs, runs: (standing?.runs ?? 0) + 1 };
}

export function formatSummary({ last, ...summary }: SourceSummary): string {
  return JSON.stringify({ ...summary, last: packed(last) });
}

/** Undefined for a value that this release cannot read. */
export function parseSummary(text: string, source: SourceKey): SourceSummary | undefined {
  try {
    const value = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
    const last = parseAccount(value?.["last"], source);
    if (last === undefined || value === null) return undefined;
    const { doneAtMs, failures = 0, standing } = value as { readonly [Name in keyof SourceSummary]?: unknown };
    return {
      last,
      ...(isInstant(doneAtMs) ? { doneAtMs } : {}),
      failures: isCount(failures) ? failures : 0,
      ...(isStanding(standing) ? { standing } : {}),
    };
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isStanding(value: unknown): value is NonNullable<SourceSummary["standing"]> {
  if (typeof value !== "object" || value === null) return false;
  const { sinceMs, runs } = value as Readonly<Record<string, unknown>>;
  return isInstant(sinceMs) && isCount(runs);
}
