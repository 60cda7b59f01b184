import type { RunAccount } from "../../src/runs/run-account.ts";

export const source = { kind: "demo", name: "one" };

/** The account of a run that found nothing. */
export function sampleAccount(overrides: Partial<RunAccount> = {}): RunAccount {
  const startedAtMs = overrides.startedAtMs ?? 1_000_000;
  return {
    source,
    runId: "000000000001",
    epoch: 1,
    process: "web-1:42",
    dueMs: startedAtMs,
    resumed: false,
    startedAtMs,
    durationMs: 12,
    outcome: "done",
    fetched: 0,
    mapped: 0,
    skipped: 0,
    failed: 0,
    delivered: 0,
    buried: 0,
    pages: 1,
    openItems: 0,
    requests: 2,
    movedCursor: false,
    runs: 1,
    sinceMs: startedAtMs,
    ...overrides,
  };
}

/** A run that delivered something. */
export function withNews(overrides: Partial<RunAccount> = {}): RunAccount {
  return sampleAccount({ fetched: 3, mapped: 2, skipped: 1, delivered: 2, movedCursor: true, ...overrides });
}
