import type { NoticeEvent } from "@statewave-connectors/config/result";
import type { DecidedIncidents } from "../incidents/decide-incidents.ts";
import type { Downtime } from "../downtime.ts";
import { incidentId } from "../incidents/incident.ts";

/** The beginning or the end of an incident. */
export interface NoticeReport {
  readonly type: "began" | "over";
  readonly id: string;
  readonly event: NoticeEvent;
  readonly entry?: string | undefined;
  readonly sinceMs: number;
  readonly text: string;
  /** Of one that is over. */
  readonly endedAtMs?: number | undefined;
  /** Why it is no longer looked at, where its trouble may not be over. */
  readonly because?: string | undefined;
}

/** What is to be sent to one `[[notify]]`, all of it in the next message. */
export interface Outbox {
  readonly reports: readonly NoticeReport[];
  /** Reports that found no room. */
  readonly leftOut: number;
  readonly downtime?: Downtime | undefined;
  readonly notBeforeMs: number;
  /** When the wait until then began. Absent in what an earlier release wrote. */
  readonly waitingSinceMs?: number | undefined;
  /** Attempts to send it that failed, and when the first one did. */
  readonly failures: number;
  readonly failingSinceMs?: number | undefined;
}

export const emptyOutbox: Outbox = { reports: [], leftOut: 0, notBeforeMs: 0, failures: 0 };

const mostReports = 1_000;
const firstRetryMs = 5_000;
const longestRetryMs = 15 * 60_000;
/** What cannot be sent for so long is given up. */
export const givenUpAfterMs = 24 * 60 * 60_000;

/** The reports of what was decided, in its order. */
export function reportsOf({ opened, closed }: DecidedIncidents): readonly NoticeReport[] {
  return [
    ...opened.map((incident): NoticeReport => {
      const { event, entry, sinceMs, text } = incident;
      return { type: "began", id: incidentId(incident), event, entry, sinceMs, text };
    }),
    ...closed.map(({ incident, endedAtMs, because }): NoticeReport => {
      const { event, entry, sinceMs, text } = incident;
      return { type: "over", id: incidentId(incident), event, entry, sinceMs, text, endedAtMs, because };
    }),
  ];
}

/** The outbox with further reports. */
export function withReports(outbox: Outbox, reports: readonly NoticeReport[]): Outbox {
  if (reports.length === 0) return outbox;
  const all = [...outbox.reports, ...reports];
  const room = all.slice(0, mostReports);
  return { ...outbox, reports: room, leftOut: outbox.leftOut + all.length - room.length };
}

/** The outbox with a downtime, which waits for what belongs to it. The longest that is not sent yet is kept. */
export function withDowntime(
  outbox: Outbox,
  found: Downtime,
  { nowMs, forMs }: { readonly nowMs: number; readonly forMs: number },
): Outbox {
  const { downtime: before = found } = outbox;
  const downtime = lengthOf(before) > lengthOf(found) ? before : found;
  const notBeforeMs = Math.max(isHeld(outbox, nowMs) ? outbox.notBeforeMs : 0, nowMs + forMs);
  return { ...outbox, downtime, notBeforeMs, waitingSinceMs: nowMs };
}

function lengthOf({ fromMs, toMs }: Downtime): number {
  return toMs - fromMs;
}

/** Whether there is nothing to send. */
export function isEmpty({ reports, downtime }: Outbox): boolean {
  return reports.length === 0 && downtime === undefined;
}

/** Whether there is something to send now. */
export function isDue(outbox: Outbox, nowMs: number): boolean {
  return !isEmpty(outbox) && !isHeld(outbox, nowMs);
}

/** A wait that began later than now, or lasts longer than any, was written by a clock that was ahead, and says nothing. */
function isHeld({ notBeforeMs, waitingSinceMs = 0 }: Outbox, nowMs: number): boolean {
  return notBeforeMs > nowMs && waitingSinceMs <= nowMs && notBeforeMs <= nowMs + givenUpAfterMs;
}

/** The outbox after an attempt that failed; empty when it is given up. */
export function afterFailure(
  outbox: Outbox,
  { nowMs, random, retryAfterMs = 0 }: { readonly nowMs: number; readonly random: () => number; readonly retryAfterMs?: number },
): { readonly outbox: Outbox; readonly isGivenUp: boolean } {
  const failingSinceMs = Math.min(outbox.failingSinceMs ?? nowMs, nowMs);
  if (nowMs - failingSinceMs >= givenUpAfterMs) return { outbox: emptyOutbox, isGivenUp: true };
  const backoffMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(outbox.failures, 20)) * (0.75 + random() / 4);
  const waitMs = Math.max(backoffMs, Math.min(retryAfterMs, givenUpAfterMs / 24));
  const failures = outbox.failures + 1;
  const notBeforeMs = nowMs + Math.round(waitMs);
  return { outbox: { ...outbox, failures, failingSinceMs, notBeforeMs, waitingSinceMs: nowMs }, isGivenUp: false };
}
