import { isConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import { connectorDefect } from "../health/sources/trouble.ts";
import { isStop } from "../pull/pull-errors.ts";
import type { RunOutcome } from "../pull/run-pull.ts";
import type { RunTally } from "./run-tally.ts";

/** What a run did with what its connector yielded: `fetched = mapped + skipped + failed`, `mapped = delivered + buried`. */
export interface RunCountsKept {
  /** Items that the provider returned. */
  readonly fetched: number;
  /** Episodes. */
  readonly mapped: number;
  readonly skipped: number;
  /** Items that could not be mapped, and are dead letters. */
  readonly failed: number;
  readonly delivered: number;
  /** Episodes that are dead letters. */
  readonly buried: number;
}

/** `killed`: its process ended, or lost its lease, before it could report how the run ended. */
export type RunAccountOutcome = "running" | "done" | "partial" | "failed" | "killed";

/** Why a run failed, for people. Never a secret. */
export interface RunError {
  readonly code: string;
  readonly message: string;
  /** When the provider admits another try. */
  readonly retryAtMs?: number;
}

/** The account of a run of a pull source, or of several runs in a row without news. */
export interface RunAccount extends RunCountsKept {
  readonly source: SourceKey;
  /** As `run_id` in the log. */
  readonly runId: string;
  /** Of its lease. */
  readonly epoch: number;
  /** `host:pid` */
  readonly process: string;
  /** Absent: a person, a trigger or a gap requested it. */
  readonly dueMs?: number;
  /** Whether it continues a run that was left unfinished. */
  readonly resumed: boolean;
  readonly startedAtMs: number;
  /** Of a run under way, as far as it is known. */
  readonly durationMs: number;
  readonly outcome: RunAccountOutcome;
  /** Of a partial one. */
  readonly reason?: "max_items" | "stopping" | "paused" | "reloaded";
  readonly error?: RunError;
  readonly pages: number;
  /** Items of a page that was read and neither delivered nor kept when the run ended: they are read again. */
  readonly openItems: number;
  /** Requests to the provider. Absent: unknown. */
  readonly requests?: number;
  readonly movedCursor: boolean;
  /** How many runs it stands for: more than one if they had no news. */
  readonly runs: number;
  /** When the first of them began. */
  readonly sinceMs: number;
}

/** What is known of a run when it begins. */
export type BegunRun = Pick<RunAccount, "source" | "runId" | "epoch" | "process" | "dueMs" | "resumed" | "startedAtMs"> & {
  readonly tally: RunTally;
};

/** How it stands, or how it ended. */
export interface RunMoment {
  /** Undefined: it is under way. */
  readonly outcome: RunOutcome | undefined;
  readonly durationMs: number;
  readonly requests: number | undefined;
}

const mostMessageCharacters = 300;

/** The account of a run at this moment. `clean` removes what must not be shown from a text. */
export function accountOf(
  { tally, ...run }: BegunRun,
  { outcome, durationMs, requests }: RunMoment,
  clean: (text: string) => string,
): RunAccount {
  const { fetched, episodes: mapped, skipped, failed, delivered, buried } = tally.account.report(false);
  return {
    ...run,
    durationMs: Math.max(0, Math.round(durationMs)),
    ...endOf(outcome, clean),
    fetched,
    mapped,
    skipped,
    failed,
    delivered,
    buried,
    pages: tally.pages,
    openItems: outcome?.type === "failed" ? tally.openItems : 0,
    ...(requests === undefined ? {} : { requests }),
    movedCursor: tally.movedCursor,
    runs: 1,
    sinceMs: run.startedAtMs,
  };
}

/** Whether nothing that was read is missing. Of a run under way or a killed one nothing is known yet, or ever. */
export function isBalanced({ fetched, mapped, skipped, failed, delivered, buried }: RunCountsKept): boolean {
  return fetched === mapped + skipped + failed && mapped === delivered + buried;
}

/** Whether it read its source to the end and found nothing that is new. */
export function isWithoutNews({ outcome, mapped, failed }: RunAccount): boolean {
  return outcome === "done" && mapped === 0 && failed === 0;
}

function endOf(
  outcome: RunOutcome | undefined,
  clean: (text: string) => string,
): Pick<RunAccount, "outcome" | "reason" | "error"> {
  if (outcome === undefined) return { outcome: "running" };
  switch (outcome.type) {
    case "done":
      return { outcome: "done" };
    case "partial":
      return { outcome: "partial", reason: outcome.reason };
    case "failed":
      return isStop(outcome.error)
        ? { outcome: "partial", reason: "stopping" }
        : { outcome: "failed", error: toRunError(outcome.error, clean) };
  }
}

/** The text of an error that was not written for people may hold anything. */
function toRunError(error: Error, clean: (text: string) => string): RunError {
  const { code, message, retryAtMs } = isConnectorsError(error) ? error : connectorDefect();
  const text = clean(maskSecrets(message)).slice(0, mostMessageCharacters).toWellFormed();
  return { code, message: text, ...(retryAtMs === undefined ? {} : { retryAtMs }) };
}
