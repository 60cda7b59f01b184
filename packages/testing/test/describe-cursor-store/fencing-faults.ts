import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceRow } from "@statewave-connectors/connector-sdk/store";
import { acquiringAsIf, afterGrant, edit, type KnownFault } from "./fault.ts";

/** Mistakes in telling whose word counts. */
export const fencingFaults: readonly KnownFault[] = [
  {
    mistake: "stores a checkpoint without looking at the epoch",
    noticedBy: "refuses every word of a superseded lease, and its successor notices nothing",
    table: (rows) => ({
      checkpoint: (lease, cursor, nowMs) => {
        edit(rows, lease.source, (row) => ({ ...row, cursor, updatedAtMs: nowMs }));
        return true;
      },
    }),
  },
  {
    mistake: "lets anybody release a lease",
    noticedBy: "refuses every word of a superseded lease, and its successor notices nothing",
    table: (rows, sound) => ({
      release: (lease, outcome, nowMs) => {
        const epoch = rows.get(formatSourceKey(lease.source))?.epoch;
        return sound.release({ ...lease, epoch: epoch ?? lease.epoch }, outcome, nowMs);
      },
    }),
  },
  {
    mistake: "fences by the owner's name",
    noticedBy: "refuses an owner its own superseded lease: the epoch counts, not the name",
    table: (rows, sound) => ({
      checkpoint: (lease, cursor, nowMs) => {
        const row = rows.get(formatSourceKey(lease.source));
        return sound.checkpoint(row?.lease?.owner === lease.owner ? { ...lease, epoch: row.epoch } : lease, cursor, nowMs);
      },
    }),
  },
  {
    mistake: "gives a run that is taken over its old epoch",
    noticedBy: "hands a lapsed run to the next one: its own due, its checkpoint, a higher epoch",
    table: (rows, sound) => ({
      acquire: (requests, nowMs) =>
        requests.map((request) => {
          const before = rows.get(formatSourceKey(request.source));
          const [answer] = sound.acquire([request], nowMs);
          if (answer?.granted !== true || !answer.lease.resumed || before === undefined) return answer!;
          edit(rows, request.source, (row) => ({ ...row, epoch: before.epoch }));
          return { granted: true, lease: { ...answer.lease, epoch: before.epoch } };
        }),
    }),
  },
  {
    mistake: "raises no epoch for a lease without a due",
    noticedBy: "refuses a lease that a lease without a due has superseded",
    table: (rows, sound) => ({
      acquire: (requests, nowMs) =>
        requests.map((request) => {
          const before = rows.get(formatSourceKey(request.source));
          const [answer] = sound.acquire([request], nowMs);
          if (answer?.granted !== true || request.dueMs !== undefined || before === undefined) return answer!;
          edit(rows, request.source, (row) => ({ ...row, epoch: before.epoch }));
          return { granted: true, lease: { ...answer.lease, epoch: before.epoch } };
        }),
    }),
  },
  {
    mistake: "refuses a checkpoint because the lease's time is over",
    noticedBy: "still serves a lapsed lease until another owner takes over",
    table: (rows, sound) => ({
      checkpoint: (lease, cursor, nowMs) =>
        (rows.get(formatSourceKey(lease.source))?.lease?.lapsesAtMs ?? 0) > nowMs && sound.checkpoint(lease, cursor, nowMs),
    }),
  },
  {
    mistake: "refuses to renew a lease whose time is over",
    noticedBy: "revives a lapsed lease that is renewed before another owner takes over",
    table: (rows, sound) => ({
      renew: (leases, ttlMs, nowMs) =>
        leases.flatMap((lease) =>
          (rows.get(formatSourceKey(lease.source))?.lease?.lapsesAtMs ?? 0) > nowMs
            ? sound.renew([lease], ttlMs, nowMs)
            : [false],
        ),
    }),
  },
  {
    mistake: "leaves the lease to a live run when a person sets the cursor",
    noticedBy: "takes the lease from a live run when a person sets the cursor, and lets the run be resumed from there",
    table: (rows) => ({
      set: (source, cursor, nowMs) => edit(rows, source, (row) => ({ ...row, cursor, updatedAtMs: nowMs })),
    }),
  },
  {
    mistake: "leaves the lease to a live run when a person deletes the cursor",
    noticedBy: "takes the lease from a live run when a person deletes the cursor, and lets the run begin anew",
    table: (rows, sound) => ({
      delete: (source) => {
        const had = sound.get(source) !== undefined;
        edit(rows, source, (row) => ({ ...row, cursor: undefined, updatedAtMs: undefined }));
        return had;
      },
    }),
  },
  {
    mistake: "deletes nothing, not even the lease, where there is no cursor",
    noticedBy: "takes the lease from a live run that has stored no cursor yet when a person deletes it",
    table: (_, sound) => ({ delete: (source) => sound.get(source) !== undefined && sound.delete(source) }),
  },
  {
    mistake: "forgets a waiting time when a person sets the cursor",
    noticedBy: "keeps a waiting run waiting when a person sets or deletes the cursor",
    table: (rows, sound) => ({
      set: (source, cursor, nowMs) => {
        sound.set(source, cursor, nowMs);
        edit(rows, source, (row) => ({ ...row, resumeAtMs: undefined }));
      },
    }),
  },
  {
    mistake: "revives a lease that was released when its renewal comes late",
    noticedBy: "ends a lease with its release: renewing, storing and releasing again are refused",
    table: (rows, sound) => ({
      renew: (leases, ttlMs, nowMs) =>
        leases.flatMap((lease) => {
          const row = rows.get(formatSourceKey(lease.source));
          if (row === undefined || row.lease !== undefined || row.epoch !== lease.epoch)
            return sound.renew([lease], ttlMs, nowMs);
          edit(rows, lease.source, () => ({
            ...row,
            lease: { owner: lease.owner, dueMs: lease.dueMs, lapsesAtMs: nowMs + ttlMs },
          }));
          return [true];
        }),
    }),
  },
  {
    mistake: "counts epochs from the start again after a delete",
    noticedBy: "raises the epoch with every grant, set and delete, and gives none out twice, not even after a delete",
    table: (rows, sound) => ({
      delete: (source) => {
        const had = sound.delete(source);
        if (had) edit(rows, source, (row): SourceRow => ({ ...row, epoch: 0 }));
        return had;
      },
    }),
  },
  {
    mistake: "raises no epoch when a person sets the cursor of a source that is free",
    noticedBy: "raises the epoch with every grant, set and delete, and gives none out twice, not even after a delete",
    table: (rows, sound) => ({
      set: (source, cursor, nowMs) => {
        const { epoch, lease } = rows.get(formatSourceKey(source)) ?? { epoch: 0, lease: undefined };
        sound.set(source, cursor, nowMs);
        if (lease === undefined) edit(rows, source, (row) => ({ ...row, epoch }));
      },
    }),
  },
  {
    mistake: "believes an epoch it has never given out",
    noticedBy: "refuses an epoch it has not given out, and a lease on another source",
    table: (rows, sound) => ({
      checkpoint: (lease, cursor, nowMs) => {
        const row = rows.get(formatSourceKey(lease.source));
        return sound.checkpoint(
          row !== undefined && lease.epoch > row.epoch ? { ...lease, epoch: row.epoch } : lease,
          cursor,
          nowMs,
        );
      },
    }),
  },
  {
    mistake: "answers renewals in an order of its own",
    noticedBy: "answers each renewal for itself, in the order of the leases",
    table: (_, sound) => ({
      renew: (leases, ttlMs, nowMs) =>
        sound.renew(
          leases.toSorted((left, right) => (left.source.name < right.source.name ? -1 : 1)),
          ttlMs,
          nowMs,
        ),
    }),
  },
  {
    mistake: "renews all or none",
    noticedBy: "answers each renewal for itself, in the order of the leases",
    table: (_, sound) => ({
      renew: (leases, ttlMs, nowMs) => {
        const answers = sound.renew(leases, ttlMs, nowMs);
        return answers.map(() => answers.every(Boolean));
      },
    }),
  },
  {
    mistake: "forgets the finished due when the cursor is deleted",
    noticedBy: "remembers the dues of a source whose cursor is deleted",
    table: (rows, sound) => ({
      delete: (source) => {
        const had = sound.delete(source);
        if (had) edit(rows, source, (row) => ({ ...row, finishedDueMs: undefined }));
        return had;
      },
    }),
  },
  {
    mistake: "forgets the finished due with every new grant",
    noticedBy: "reports a source's cursor, when it was written, its dues and its holder",
    table: afterGrant((row) => ({ ...row, finishedDueMs: undefined })),
  },
  {
    mistake: "takes the cursor away with a takeover",
    noticedBy: "hands a lapsed run to the next one: its own due, its checkpoint, a higher epoch",
    table: acquiringAsIf((row) => (row.lease === undefined ? row : { ...row, cursor: undefined })),
  },
];
