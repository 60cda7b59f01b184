import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { CursorTable } from "@statewave-connectors/connector-sdk/store";
import { acquiringAsIf, edit, type KnownFault } from "./fault.ts";

/** Mistakes in granting a due. */
export const claimFaults: readonly KnownFault[] = [
  {
    mistake: "grants while a lease is live",
    noticedBy: "answers busy while a lease is live, to its own owner too, and says for how long",
    table: acquiringAsIf((row) => ({ ...row, lease: undefined })),
  },
  {
    mistake: "grants an owner its own live lease again",
    noticedBy: "answers busy while a lease is live, to its own owner too, and says for how long",
    table: acquiringAsIf((row, request) => (row.lease?.owner === request.owner ? { ...row, lease: undefined } : row)),
  },
  {
    mistake: "frees a lease a millisecond early",
    noticedBy: "is busy to the last millisecond of a lease and free from then on",
    table: acquiringAsIf((row, _, nowMs) => (row.lease?.lapsesAtMs === nowMs + 1 ? { ...row, lease: undefined } : row)),
  },
  {
    mistake: "takes every due for a new one",
    noticedBy: "finishes no due twice, nor an older one after it",
    table: acquiringAsIf((row) => ({ ...row, finishedDueMs: undefined })),
  },
  {
    mistake: "refuses only the very due that was finished, not older ones",
    noticedBy: "finishes no due twice, nor an older one after it",
    table: acquiringAsIf((row, { dueMs }) => (row.finishedDueMs === dueMs ? row : { ...row, finishedDueMs: undefined })),
  },
  {
    mistake: "accepts dues of the future",
    noticedBy: "grants a due 5 s ahead of its clock and answers early beyond, leaving no trace",
    table: (_, sound) => ({
      acquire: (requests, nowMs) => requests.flatMap((each) => sound.acquire([each], Math.max(nowMs, each.dueMs ?? 0))),
    }),
  },
  {
    mistake: "refuses a due that is hardly ahead",
    noticedBy: "grants a due 5 s ahead of its clock and answers early beyond, leaving no trace",
    table: (_, sound) => ({
      acquire: (requests, nowMs) =>
        requests.flatMap((each) =>
          (each.dueMs ?? 0) > nowMs ? [{ granted: false, reason: "early" }] : sound.acquire([each], nowMs),
        ),
    }),
  },
  {
    mistake: "writes a row for a due it refuses",
    noticedBy: "grants a due 5 s ahead of its clock and answers early beyond, leaving no trace",
    table: (rows, sound) => ({
      acquire: (requests, nowMs) => {
        for (const { source, dueMs } of requests) {
          if (dueMs !== undefined && dueMs > nowMs) edit(rows, source, (row) => ({ ...row, openDueMs: row.openDueMs ?? dueMs }));
        }
        return sound.acquire(requests, nowMs);
      },
    }),
  },
  {
    mistake: "says busy before early",
    noticedBy: "says early before busy, busy before waiting, waiting before finished",
    table: (rows, sound) => ({
      acquire: (requests, nowMs) =>
        requests.flatMap((each) => {
          const busy = rows.get(formatSourceKey(each.source))?.lease !== undefined;
          return sound.acquire([busy ? { ...each, dueMs: 0 } : each], nowMs);
        }),
    }),
  },
  {
    mistake: "says finished before busy",
    noticedBy: "says busy before finished",
    table: acquiringAsIf((row, { dueMs }) =>
      dueMs !== undefined && dueMs <= (row.finishedDueMs ?? -1) ? { ...row, lease: undefined, openDueMs: undefined } : row,
    ),
  },
  {
    mistake: "takes the due 0 for none",
    noticedBy: "takes the due 0 for a due, not for none",
    table: (_, sound) => ({
      acquire: (requests, nowMs) =>
        sound.acquire(
          requests.map(({ dueMs, ...rest }) => (dueMs ? { ...rest, dueMs } : rest)),
          nowMs,
        ),
    }),
  },
  {
    mistake: "takes an empty cursor for none",
    noticedBy: "hands the stored cursor over with the lease, also an empty one",
    table: (_, sound) => ({
      acquire: (requests, nowMs) =>
        sound.acquire(requests, nowMs).map((answer) => {
          if (!answer.granted || answer.lease.cursor !== "") return answer;
          const { cursor: _cursor, ...lease } = answer.lease;
          return { granted: true, lease };
        }),
    }),
  },
  {
    mistake: "does not extend a lease it renews",
    noticedBy: "lets a renewed lease live its ttl from the renewal on",
    table: (_, sound) => ({ renew: (leases, _ttlMs, nowMs) => sound.renew(leases, 0, nowMs) }),
  },
  {
    mistake: "forgets which due is finished when another owner finishes it",
    noticedBy: "knows what is finished without remembering who claimed it: another owner, a restart of the claim",
    table: acquiringAsIf((row, { owner }) => (owner === "owner-3" ? { ...row, finishedDueMs: undefined } : row)),
  },
  {
    mistake: "goes by the caller's clock instead of the server's",
    noticedBy: "grants a due 5 s ahead of its clock and answers early beyond, leaving no trace",
    sort: "server",
    store: (_, place, clock) => ({ acquire: async (requests) => new CursorTable(place.rows).acquire(requests, clock.now()) }),
  },
];
