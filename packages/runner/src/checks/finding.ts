import {
  type Clock,
  ConnectorsError,
  describeError,
  isConnectorsError,
  type SourceKey,
} from "@statewave-connectors/connector-sdk";
import { within } from "../deadline/within.ts";

/** What one check found: a line of `doctor`. */
export interface Finding {
  readonly ok: boolean;
  /** Of one that is ok: whether it should be known all the same. */
  readonly isWarning?: boolean;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly code?: string | undefined;
}

/** What was looked at, and what was found there. */
export interface Diagnosis {
  /** `statewave`, `state`, `inbox`, `runner`, an entry such as `pull github/widgets`, `notify ops`, or `entries`: none of them can be opened. */
  readonly subject: string;
  readonly findings: readonly Finding[];
}

/** No entry can have this name, so whatever is written under it touches nothing else. */
export const noSource: SourceKey = { kind: "doctor", name: "-" };

/** An error as a finding. */
export function failure(error: unknown): Finding {
  if (!isConnectorsError(error)) return { ok: false, message: describeError(error) };
  const { code, message, hint } = error;
  return { ok: false, message, code, ...(hint === undefined ? {} : { hint }) };
}

/** A server that answers nothing for so long is unreachable for a run, too. */
const checkWithinMs = 20_000;

/** What `check` finds, or why it failed; nothing hangs longer than the deadline. */
export async function found<Found extends Finding | readonly Finding[]>(
  check: () => Promise<Found>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Found | Finding> {
  try {
    return await within({ clock, timeoutMs: checkWithinMs, signal, reason: timedOut }, check);
  } catch (error) {
    signal.throwIfAborted();
    return failure(error);
  }
}

function timedOut(): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_CHECK_TIMEOUT",
    message: `the check took longer than ${checkWithinMs / 1000} s`,
    hint: "check that the server runs, and that this machine can reach it",
    retryable: true,
  });
}
