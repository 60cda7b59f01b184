import { ConnectorsError, isConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, type Renewal } from "@statewave-connectors/connector-sdk/host";
import type { Trouble } from "../health/sources/trouble.ts";
import { retryRenewalMs } from "./plan-retry.ts";
import type { FailingRenewal, RenewalRecord, RenewedWatch } from "./renewal-record.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const defaultWarnBeforeMs = 48 * hourMs;
/** No provider keeps anything for longer; microseconds look like it. */
const longestLifeMs = 3_650 * dayMs;
/** A renewal that lies further ahead was written by a clock that was ahead. */
const clockToleranceMs = 5 * minuteMs;
/** A passing failure says nothing for so long, while what was renewed before has not expired. */
const patienceMs = 6 * hourMs;
const failuresUntilTrouble = 3;
const longestMessage = 500;

/** In how long the source is to be renewed; 0: now. `isStart`: a failure before this process started does not count. */
export function renewalDueInMs(record: RenewalRecord | undefined, options: string, nowMs: number, isStart: boolean): number {
  if (record === undefined || record.options !== options) return 0;
  const { renewed, failing } = record;
  if (failing !== undefined) return isStart ? 0 : inTime(failing.retryAtMs - nowMs);
  if (renewed === undefined || renewed.renewedAtMs > nowMs + clockToleranceMs) return 0;
  return inTime(renewed.dueAtMs - nowMs);
}

/** A time that lies further ahead than it can was written by a clock that was ahead. */
function inTime(waitMs: number): number {
  return waitMs > dayMs + clockToleranceMs ? 0 : Math.max(0, waitMs);
}

/** What `maintain` answered: what is remembered of it. Throws `PULL_EXPIRY_INVALID`. */
export function renewedWatch(answer: unknown, source: SourceKey, nowMs: number, random: () => number): RenewedWatch {
  const { expiresAtMs, warnBeforeMs = defaultWarnBeforeMs } = requireRenewal(answer, source, nowMs);
  const waitMs = Math.min(dayMs, (expiresAtMs - nowMs) / 2) * (0.9 + random() / 10);
  return { renewedAtMs: nowMs, expiresAtMs, warnBeforeMs, dueAtMs: nowMs + Math.max(minuteMs, Math.round(waitMs)) };
}

/** Why a part of the source was not renewed; undefined: all of it was. */
export function failureOfPart(answer: unknown): unknown {
  return typeof answer === "object" && answer !== null && "failed" in answer ? answer.failed : undefined;
}

function requireRenewal(answer: unknown, source: SourceKey, nowMs: number): Renewal {
  const { expiresAtMs, warnBeforeMs }: Readonly<Record<string, unknown>> =
    typeof answer === "object" && answer !== null ? { ...answer } : {};
  const isTime = typeof expiresAtMs === "number" && expiresAtMs > nowMs && expiresAtMs <= nowMs + longestLifeMs;
  const isWarning = warnBeforeMs === undefined || (typeof warnBeforeMs === "number" && warnBeforeMs >= 0);
  if (isTime && isWarning) return { expiresAtMs, ...(warnBeforeMs === undefined ? {} : { warnBeforeMs }) };
  const shown = typeof expiresAtMs === "number" ? expiresAtMs : typeof expiresAtMs;
  throw new ConnectorsError({
    code: "PULL_EXPIRY_INVALID",
    message: isTime
      ? `\`maintain\` of ${formatSourceKey(source)} answered a \`warnBeforeMs\` that is no duration`
      : `\`maintain\` of ${formatSourceKey(source)} answered the expiry ${shown}, which is no time in the future in epoch milliseconds`,
    hint: "update the connector, or report this to its author",
  });
}

/** What is remembered of a renewal that failed. */
export function failedRenewal(
  error: Error,
  before: FailingRenewal | undefined,
  nowMs: number,
  random: () => number,
): FailingRenewal {
  const failures = (before?.failures ?? 0) + 1;
  const known = isConnectorsError(error) ? error : undefined;
  return {
    sinceMs: Math.min(before?.sinceMs ?? nowMs, nowMs),
    failures,
    retryAtMs: nowMs + retryRenewalMs({ error, failures, nowMs, random }),
    isPassing: known?.retryable ?? false,
    code: known?.code ?? "RUNNER_CONNECTOR_DEFECT",
    // The text of an error that was not written for people may hold anything.
    message: known?.message.slice(0, longestMessage).toWellFormed() ?? "the connector failed with an error without a code",
    hint: known?.hint ?? "look at the log for the error of the renewal",
  };
}

/** What is wrong with what the provider keeps for a source; undefined: nothing. */
export function watchTrouble(source: SourceKey, record: RenewalRecord | undefined, nowMs: number): Trouble | undefined {
  const { renewed, failing } = record ?? {};
  const leftMs = renewed === undefined ? undefined : renewed.expiresAtMs - nowMs;
  if (failing !== undefined && isLasting(failing, leftMs, nowMs)) {
    const { code, message, hint } = failing;
    return { code, message: `the renewal fails since ${iso(failing.sinceMs)}: ${message}`, hint };
  }
  if (renewed === undefined || leftMs === undefined || leftMs >= renewed.warnBeforeMs) return undefined;
  const end = leftMs > 0 ? `expires at ${iso(renewed.expiresAtMs)}` : `expired at ${iso(renewed.expiresAtMs)}`;
  return {
    code: "PULL_WATCH_EXPIRING",
    message: `what the provider keeps for ${formatSourceKey(source)} ${end}, and was not renewed`,
    hint: "look at the log for a renewal that failed, and at the runner: one that is up renews it daily",
  };
}

function isLasting({ isPassing, failures, sinceMs }: FailingRenewal, leftMs = 0, nowMs: number): boolean {
  if (!isPassing) return true;
  return leftMs > 0 ? nowMs - sinceMs >= patienceMs : failures >= failuresUntilTrouble;
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
