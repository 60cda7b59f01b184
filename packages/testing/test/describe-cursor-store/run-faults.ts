import { CursorTable, type Lease } from "@statewave-connectors/connector-sdk/store";
import { acquiringAsIf, afterGrant, edit, type KnownFault } from "./fault.ts";

/** Mistakes with runs that were left unfinished, and with leases that have no due. */
export const runFaults: readonly KnownFault[] = [
  {
    mistake: "forgets the run of a lease that lapsed",
    noticedBy: "hands a lapsed run to the next one: its own due, its checkpoint, a higher epoch",
    table: acquiringAsIf((row) => ({ ...row, openDueMs: undefined })),
  },
  {
    mistake: "runs the older due that is asked for instead of the unfinished one",
    noticedBy: "resumes the unfinished due when an older one is requested",
    table: acquiringAsIf((row, { dueMs }) =>
      dueMs !== undefined && row.openDueMs !== undefined ? { ...row, openDueMs: dueMs } : row,
    ),
  },
  {
    mistake: "says finished although an unfinished run is there to be resumed",
    noticedBy: "resumes the unfinished due when a finished one is requested",
    table: acquiringAsIf((row, { dueMs }) =>
      dueMs !== undefined && dueMs <= (row.finishedDueMs ?? -1) ? { ...row, openDueMs: undefined } : row,
    ),
  },
  {
    mistake: "resumes the older run although a newer due is claimed",
    noticedBy: "replaces an older unfinished due by the newer one that is requested",
    table: acquiringAsIf((row, { dueMs }) =>
      row.openDueMs !== undefined && dueMs !== undefined ? { ...row, openDueMs: Math.max(row.openDueMs, dueMs) } : row,
    ),
  },
  {
    mistake: "lets a run wait that was left to be resumed at once",
    noticedBy: "resumes at once what was left with no waiting time",
    table: (_, sound) => ({
      release: (lease, outcome, nowMs) =>
        sound.release(
          lease,
          outcome.type === "unfinished" ? { ...outcome, resumeInMs: Math.max(1_000, outcome.resumeInMs) } : outcome,
          nowMs,
        ),
    }),
  },
  {
    mistake: "forgets how long an unfinished run is to wait",
    noticedBy: "lets an unfinished run wait for its time, whichever due is requested",
    table: acquiringAsIf((row) => ({ ...row, resumeAtMs: undefined })),
  },
  {
    mistake: "lets a newer due overtake a run that waits",
    noticedBy: "lets an unfinished run wait for its time, whichever due is requested",
    table: acquiringAsIf((row, { dueMs }) => ((dueMs ?? 0) > (row.openDueMs ?? 0) ? { ...row, resumeAtMs: undefined } : row)),
  },
  {
    mistake: "resumes a waiting run a millisecond late",
    noticedBy: "resumes a waiting run to the millisecond",
    table: acquiringAsIf((row) => (row.resumeAtMs === undefined ? row : { ...row, resumeAtMs: row.resumeAtMs + 1 })),
  },
  {
    mistake: "never resumes a run that had to wait",
    noticedBy: "resumes a waiting run when its time has come, and then waits no more",
    table: acquiringAsIf((row, _, nowMs) => (row.resumeAtMs === undefined ? row : { ...row, resumeAtMs: nowMs + 1_000 })),
  },
  {
    mistake: "goes by the first waiting time of a run that was left twice",
    noticedBy: "goes by the latest waiting time of a run that was left twice",
    table: (rows, sound) => {
      const waited = new Set<number>();
      return {
        release: (lease, outcome, nowMs) => {
          const again = lease.dueMs !== undefined && waited.has(lease.dueMs);
          if (lease.dueMs !== undefined && outcome.type === "unfinished") waited.add(lease.dueMs);
          const answer = sound.release(lease, outcome, nowMs);
          if (again) edit(rows, lease.source, (row) => ({ ...row, resumeAtMs: undefined }));
          return answer;
        },
      };
    },
  },
  {
    mistake: "lets a resumed run wait again once it has lapsed",
    noticedBy: "forgets the waiting time of a run that was resumed and then lapsed",
    table: afterGrant((row, before) =>
      before.resumeAtMs === undefined ? row : { ...row, resumeAtMs: before.resumeAtMs + 15_000 },
    ),
  },
  {
    mistake: "claims a due for whoever asks without one",
    noticedBy: "grants a lease without a due, which claims none",
    table: (_, sound) => ({
      acquire: (requests, nowMs) =>
        sound.acquire(
          requests.map((each) => ({ ...each, dueMs: each.dueMs ?? nowMs })),
          nowMs,
        ),
    }),
  },
  {
    mistake: "finishes the open run with a lease that has no due",
    noticedBy: "grants a lease without a due while a run waits, and leaves the run waiting",
    table: (rows, sound) => ({
      release: (lease, outcome, nowMs) => {
        const answer = sound.release(lease, outcome, nowMs);
        if (answer && lease.dueMs === undefined && outcome.type === "done") {
          edit(rows, lease.source, (row) => ({
            ...row,
            finishedDueMs: row.openDueMs ?? row.finishedDueMs,
            openDueMs: undefined,
          }));
        }
        return answer;
      },
    }),
  },
  {
    mistake: "finishes the present moment with a lease that has no due",
    noticedBy: "finishes no due when a lease without one is done",
    table: (rows, sound) => ({
      release: (lease, outcome, nowMs) => {
        const answer = sound.release(lease, outcome, nowMs);
        if (answer && lease.dueMs === undefined) edit(rows, lease.source, (row) => ({ ...row, finishedDueMs: nowMs }));
        return answer;
      },
    }),
  },
  {
    mistake: "drops a lapsed run for a lease that has no due",
    noticedBy: "leaves a lapsed run to be resumed after a lease without a due",
    table: afterGrant((row) => (row.lease?.dueMs === undefined ? { ...row, openDueMs: undefined } : row)),
  },
  {
    mistake: "opens a run when a lease without a due is left unfinished",
    noticedBy: "just ends a lease without a due that is released unfinished",
    table: (rows, sound) => ({
      release: (lease, outcome, nowMs) => {
        const answer = sound.release(lease, outcome, nowMs);
        if (answer && lease.dueMs === undefined && outcome.type === "unfinished") {
          edit(rows, lease.source, (row) => ({ ...row, openDueMs: row.openDueMs ?? nowMs }));
        }
        return answer;
      },
    }),
  },
  {
    mistake: "lets a run wait because a lease without a due was left unfinished",
    noticedBy: "keeps the waiting time of a run when a lease without a due is released unfinished",
    table: (rows, sound) => ({
      release: (lease, outcome, nowMs) => {
        const answer = sound.release(lease, outcome, nowMs);
        if (answer && outcome.type === "unfinished")
          edit(rows, lease.source, (row) => ({ ...row, resumeAtMs: nowMs + outcome.resumeInMs }));
        return answer;
      },
    }),
  },
  {
    mistake: "lets a person in while a run is live",
    noticedBy: "answers busy to a request without a due while a run is live",
    table: acquiringAsIf((row, { dueMs }) => (dueMs === undefined ? { ...row, lease: undefined } : row)),
  },
  {
    mistake: "tells a lease granted to the wrong owner",
    noticedBy: "grants a due to the first claim",
    table: (_, sound) => ({
      acquire: (requests, nowMs) =>
        sound
          .acquire(requests, nowMs)
          .map((answer) =>
            answer.granted ? { granted: true, lease: { ...answer.lease, owner: "somebody" } satisfies Lease } : answer,
          ),
    }),
  },
  {
    mistake: "waits for a live run's time by the caller's clock",
    noticedBy: "frees a lease by the server's clock, whatever the caller's clock says",
    sort: "server",
    store: (_, place, clock) => ({
      checkpoint: async (lease, cursor) => new CursorTable(place.rows).checkpoint(lease, cursor, clock.now()),
    }),
  },
];
