import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { AcquireRequest, AcquireResult, SourceRow } from "@statewave-connectors/connector-sdk/store";
import { acquiringAsIf, edit, type KnownFault, type Rows } from "./fault.ts";
import type { Table } from "./table-store.ts";

const minuteMs = 60_000;

/** Refuses a claim by a rule of its own before the sound ones. */
function refusingFirst(rule: (row: SourceRow, request: AcquireRequest, nowMs: number) => AcquireResult | undefined) {
  return (rows: Rows, sound: Table): Partial<Table> => ({
    acquire: (requests, nowMs, limit) =>
      requests.map((request) => {
        const row = rows.get(formatSourceKey(request.source));
        return (row && rule(row, request, nowMs)) ?? sound.acquire([request], nowMs, limit)[0]!;
      }),
  });
}

/** Takes a finished due for true that lies ahead by no more than this. */
const trustingDues = (aheadMs: number) =>
  refusingFirst(({ finishedDueMs, openDueMs }, { dueMs }, nowMs) =>
    dueMs !== undefined && openDueMs === undefined && dueMs <= (finishedDueMs ?? -1) && (finishedDueMs ?? 0) - nowMs <= aheadMs
      ? { granted: false, reason: "finished" }
      : undefined,
  );

/** Takes a wait for true whenever its end lies ahead by no more than this. */
const trustingWaits = (aheadMs: number) =>
  refusingFirst(({ openDueMs, resumeAtMs }, { dueMs }, nowMs) => {
    const retryInMs = (resumeAtMs ?? nowMs) - nowMs;
    const waits = dueMs !== undefined && openDueMs !== undefined && retryInMs > 0 && retryInMs <= aheadMs;
    return waits ? { granted: false, reason: "waiting", retryInMs } : undefined;
  });

/** Mistakes of stores that believe every time they find. */
export const timeStepFaults: readonly KnownFault[] = [
  {
    mistake: "believes a finished due of the next minutes",
    noticedBy: "grants the due of now although one of 2 minutes ahead is finished, and knows both later",
    table: trustingDues(5 * minuteMs),
  },
  {
    mistake: "believes a finished due of the next hours",
    noticedBy: "grants the due of now although one of 60 minutes ahead is finished, and knows both later",
    table: trustingDues(24 * 60 * minuteMs),
  },
  {
    mistake: "believes a finished due of any year",
    noticedBy: "grants the due of now although one of 5256000 minutes ahead is finished, and knows both later",
    table: trustingDues(Number.POSITIVE_INFINITY),
  },
  {
    mistake: "forgets a finished due as soon as its clock is a little behind it",
    noticedBy: "still knows what is finished when its clock is set back by less than a due may lie ahead",
    table: acquiringAsIf((row, _, nowMs) => ((row.finishedDueMs ?? 0) > nowMs ? { ...row, finishedDueMs: undefined } : row)),
  },
  {
    mistake: "believes a wait although its due lies ahead",
    noticedBy: "resumes a run that was left unfinished 10 minutes ahead, for a due of now",
    table: trustingWaits(24 * 60 * minuteMs),
  },
  {
    mistake: "believes a wait of years",
    noticedBy: "resumes a run that was left unfinished 5256000 minutes ahead, for a due of now",
    table: trustingWaits(Number.POSITIVE_INFINITY),
  },
  {
    mistake: "believes a wait of years if its due is right",
    noticedBy: "resumes a run whose wait was written far ahead, although its due was not",
    table: trustingWaits(Number.POSITIVE_INFINITY),
  },
  {
    mistake: "believes a lease of years",
    noticedBy: "frees a lease that lapses far ahead, and fences its holder",
    table: refusingFirst(({ lease }, _, nowMs) =>
      lease !== undefined && lease.lapsesAtMs > nowMs
        ? { granted: false, reason: "busy", retryInMs: lease.lapsesAtMs - nowMs }
        : undefined,
    ),
  },
  {
    mistake: "extends a lease for as long as is asked for",
    noticedBy: "grants and extends no lease beyond an hour, and lets no run wait beyond 400 days",
    table: (rows, sound) => ({
      renew: (leases, ttlMs, nowMs) => {
        const answers = sound.renew(leases, ttlMs, nowMs);
        for (const { source } of leases) {
          edit(rows, source, (row) =>
            row.lease === undefined ? row : { ...row, lease: { ...row.lease, lapsesAtMs: nowMs + ttlMs } },
          );
        }
        return answers;
      },
    }),
  },
];
