import { isInstant } from "../records/is-instant.ts";
import type { Incident } from "./incidents/incident.ts";
import { isEmpty, type NoticeReport, type Outbox } from "./messages/outbox.ts";

/** What is remembered of incidents, and of the messages about them. */
export interface NoticeState {
  readonly incidents: readonly Incident[];
  /** By the name of the `[[notify]]`. */
  readonly outboxes: ReadonlyMap<string, Outbox>;
}

export const emptyState: NoticeState = { incidents: [], outboxes: new Map() };

/** As it is stored. */
export function formatState({ incidents, outboxes }: NoticeState): string {
  const kept = [...outboxes].filter(([, outbox]) => !isEmpty(outbox));
  return JSON.stringify({ v: 1, incidents, outboxes: Object.fromEntries(kept) });
}

/** What can be read of it; a later release may have written something else. */
export function parseState(text: string): NoticeState {
  try {
    const { incidents, outboxes } = JSON.parse(text) as { readonly incidents?: unknown; readonly outboxes?: unknown };
    const boxes = isObject(outboxes) ? Object.entries(outboxes).flatMap(([name, value]) => parseOutbox(name, value)) : [];
    return { incidents: Array.isArray(incidents) ? incidents.filter(isIncident) : [], outboxes: new Map(boxes) };
  } catch {
    return emptyState;
  }
}

function parseOutbox(name: string, value: unknown): readonly (readonly [string, Outbox])[] {
  if (!isObject(value)) return [];
  const { reports, leftOut, downtime, notBeforeMs, waitingSinceMs, failures, failingSinceMs } = value;
  const outbox: Outbox = {
    reports: Array.isArray(reports) ? reports.filter(isReport) : [],
    leftOut: isCount(leftOut) ? leftOut : 0,
    ...(isDowntime(downtime) && { downtime }),
    notBeforeMs: isInstant(notBeforeMs) ? notBeforeMs : 0,
    ...(isInstant(waitingSinceMs) && { waitingSinceMs }),
    failures: isCount(failures) ? failures : 0,
    ...(isInstant(failingSinceMs) && { failingSinceMs }),
  };
  return [[name, outbox]];
}

function isIncident(value: unknown): value is Incident {
  if (!isObject(value) || !hasReportFields(value)) return false;
  const { key, seenAtMs, reportedAtMs = 0, wellSinceMs = 0, endedAtMs = 0, times } = value;
  return typeof key === "string" && [seenAtMs, reportedAtMs, wellSinceMs, endedAtMs].every(isInstant) && isCount(times);
}

function isReport(value: unknown): value is NoticeReport {
  if (!isObject(value) || !hasReportFields(value)) return false;
  const { type, id, endedAtMs = 0, because = "" } = value;
  return (type === "began" || type === "over") && typeof id === "string" && isInstant(endedAtMs) && typeof because === "string";
}

function hasReportFields({ event, entry = "", sinceMs, text }: Readonly<Record<string, unknown>>): boolean {
  return [event, entry, text].every((each) => typeof each === "string") && isInstant(sinceMs);
}

function isDowntime(value: unknown): value is NonNullable<Outbox["downtime"]> {
  if (!isObject(value)) return false;
  const { fromMs, toMs, missedDues, missedSources, waiting = 0, oldestAcceptedAtMs = 0 } = value;
  return [fromMs, toMs, oldestAcceptedAtMs].every(isInstant) && [missedDues, missedSources, waiting].every(isCount);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
