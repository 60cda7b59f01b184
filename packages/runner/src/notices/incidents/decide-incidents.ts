import type { Incident, SeenTrouble } from "./incident.ts";

/** What is known of an incident whose trouble is not seen: `unwatched` says why it is no longer looked at. */
export type Absence = "well" | "unknown" | { readonly unwatched: string };

/** What a look has found. */
export interface NoticesView {
  readonly troubles: readonly SeenTrouble[];
  readonly absenceOf: (incident: SeenTrouble) => Absence;
}

/** An incident whose end is to be reported. */
export interface ClosedIncident {
  readonly incident: Incident;
  readonly endedAtMs: number;
  /** Why it is no longer looked at; absent: the trouble is over. */
  readonly because?: string | undefined;
}

export interface DecidedIncidents {
  readonly incidents: readonly Incident[];
  readonly opened: readonly Incident[];
  readonly closed: readonly ClosedIncident[];
}

const hourMs = 60 * 60_000;
const rememberedMs = 24 * hourMs;

/**
 * Decides which incidents begin and end. One begins when its trouble is there after `settleMs`, also after moments without it, and ends when
 * the trouble has been over for as long. One that comes again within a day must be over for twice as long each time, up to an hour, so a
 * source that comes and goes makes a few messages and not hundreds.
 */
export function decideIncidents(
  { troubles, absenceOf }: NoticesView,
  previous: readonly Incident[],
  { nowMs, settleMs }: { readonly nowMs: number; readonly settleMs: number },
): DecidedIncidents {
  const unseen = new Map(troubles.map((trouble) => [trouble.key, trouble]));
  const incidents: Incident[] = [];
  const opened: Incident[] = [];
  const closed: ClosedIncident[] = [];
  for (const stored of previous) {
    const known = notAfter(stored, nowMs);
    const trouble = unseen.get(known.key);
    unseen.delete(known.key);
    if (known.endedAtMs !== undefined) {
      const isRemembered = nowMs - known.endedAtMs < rememberedMs;
      if (trouble !== undefined) incidents.push({ ...trouble, seenAtMs: nowMs, times: isRemembered ? known.times : 0 });
      else if (isRemembered) incidents.push(known);
    } else if (trouble !== undefined) incidents.push(lasting(known, trouble));
    else missing(known, absenceOf(known));
  }
  for (const trouble of unseen.values()) incidents.push({ ...trouble, seenAtMs: nowMs, times: 0 });
  return { incidents, opened, closed };

  function lasting(before: Incident, trouble: SeenTrouble): Incident {
    const { wellSinceMs: _, ...known } = before;
    if (known.reportedAtMs !== undefined || nowMs - known.seenAtMs < settleMs) return known;
    const incident = { ...known, text: trouble.text, reportedAtMs: nowMs, times: known.times + 1 };
    opened.push(incident);
    return incident;
  }

  function missing(known: Incident, absence: Absence): void {
    if (absence === "unknown") {
      incidents.push(known);
      return;
    }
    if (absence !== "well") {
      if (known.reportedAtMs !== undefined) closed.push({ incident: known, endedAtMs: nowMs, because: absence.unwatched });
      return;
    }
    const wellSinceMs = known.wellSinceMs ?? nowMs;
    if (nowMs - wellSinceMs < settledAfterMs(known, settleMs)) incidents.push({ ...known, wellSinceMs });
    else if (known.reportedAtMs !== undefined) {
      closed.push({ incident: known, endedAtMs: wellSinceMs });
      incidents.push({ ...known, wellSinceMs, endedAtMs: nowMs });
    } else if (known.times > 0) incidents.push({ ...known, endedAtMs: nowMs });
  }
}

function settledAfterMs({ times, reportedAtMs }: Incident, settleMs: number): number {
  const earlier = reportedAtMs === undefined ? 0 : times - 1;
  return Math.max(settleMs, Math.min(hourMs, settleMs * 2 ** Math.min(earlier, 20)));
}

/** A time that lies ahead was written by a clock that was ahead, and would hold the incident up. */
function notAfter(incident: Incident, nowMs: number): Incident {
  const { seenAtMs, wellSinceMs, endedAtMs } = incident;
  if (Math.max(seenAtMs, wellSinceMs ?? 0, endedAtMs ?? 0) <= nowMs) return incident;
  return {
    ...incident,
    seenAtMs: Math.min(seenAtMs, nowMs),
    ...(wellSinceMs === undefined ? {} : { wellSinceMs: Math.min(wellSinceMs, nowMs) }),
    ...(endedAtMs === undefined ? {} : { endedAtMs: Math.min(endedAtMs, nowMs) }),
  };
}
