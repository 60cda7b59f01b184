import type { AcquireResult } from "@statewave-connectors/connector-sdk/store";
import { edit, type KnownFault } from "./fault.ts";

/** Mistakes with how many leases a caller has room for. */
export const limitFaults: readonly KnownFault[] = [
  {
    mistake: "grants whatever is free, however little is wanted",
    noticedBy: "grants no more than requested: the first that are free, in the order of the requests",
    table: (_, sound) => ({ acquire: (requests, nowMs) => sound.acquire(requests, nowMs) }),
  },
  {
    mistake: "counts what it refuses as granted",
    noticedBy: "grants no more than requested: the first that are free, in the order of the requests",
    table: (_, sound) => ({
      acquire: (requests, nowMs, limit) =>
        requests.flatMap((each, index) => sound.acquire([each], nowMs, { atMost: (limit?.atMost ?? Infinity) - index })),
    }),
  },
  {
    mistake: "grants the first by name instead of the first that were asked for",
    noticedBy: "grants no more than requested: the first that are free, in the order of the requests",
    table: (_, sound) => ({
      acquire: (requests, nowMs, limit) => {
        const byName = requests.toSorted((left, right) => (left.source.name < right.source.name ? -1 : 1));
        const answers = new Map(sound.acquire(byName, nowMs, limit).map((answer, index) => [byName[index]!, answer]));
        return requests.map((request) => answers.get(request)!);
      },
    }),
  },
  {
    mistake: "looks at nothing any more once it has granted enough",
    noticedBy: "distinguishes surplus from busy, waiting, finished and early, also where nothing at all is wanted",
    table: (_, sound) => ({
      acquire(requests, nowMs, limit) {
        let left = limit?.atMost ?? Infinity;
        return requests.flatMap((request): AcquireResult[] => {
          if (left <= 0) return [{ granted: false, reason: "surplus" }];
          const answers = sound.acquire([request], nowMs);
          if (answers[0]?.granted === true) left -= 1;
          return answers;
        });
      },
    }),
  },
  {
    mistake: "takes 0 for no limit",
    noticedBy: "distinguishes surplus from busy, waiting, finished and early, also where nothing at all is wanted",
    table: (_, sound) => ({
      acquire: (requests, nowMs, limit) => sound.acquire(requests, nowMs, limit?.atMost ? limit : undefined),
    }),
  },
  {
    mistake: "opens the run of a due that is surplus",
    noticedBy: "changes nothing for what is surplus: no lease, no epoch, no due, no trace of a new source",
    table: (rows, sound) => ({
      acquire: (requests, nowMs, limit) =>
        sound.acquire(requests, nowMs, limit).map((answer, index) => {
          const { source, dueMs } = requests[index]!;
          if (isSurplus(answer)) edit(rows, source, (row) => ({ ...row, openDueMs: dueMs }));
          return answer;
        }),
    }),
  },
  {
    mistake: "raises the epoch of what is surplus",
    noticedBy: "changes nothing for what is surplus: no lease, no epoch, no due, no trace of a new source",
    table: (rows, sound) => ({
      acquire: (requests, nowMs, limit) =>
        sound.acquire(requests, nowMs, limit).map((answer, index) => {
          if (isSurplus(answer)) edit(rows, requests[index]!.source, (row) => ({ ...row, epoch: row.epoch + 1 }));
          return answer;
        }),
    }),
  },
  {
    mistake: "has room for any number of claims that have no due",
    noticedBy: "limits claims without a due as well, and leases that are taken over",
    table: (_, sound) => ({
      acquire: (requests, nowMs, limit) =>
        requests.every(({ dueMs }) => dueMs === undefined)
          ? sound.acquire(requests, nowMs)
          : sound.acquire(requests, nowMs, limit),
    }),
  },
  {
    mistake: "applies the limit to each thousand of a large call",
    noticedBy: "limits a call of thousands of sources as a whole",
    table: (_, sound) => ({
      acquire: (requests, nowMs, limit) =>
        Array.from({ length: Math.ceil(requests.length / 1_000) }, (_each, part) =>
          sound.acquire(requests.slice(part * 1_000, (part + 1) * 1_000), nowMs, limit),
        ).flat(),
    }),
  },
  {
    mistake: "leases what is surplus to nobody and calls it busy",
    noticedBy: "grants each source once when many owners claim the same ones with little room, and finds an owner for all",
    table: (rows, sound) => ({
      acquire: (requests, nowMs, limit) =>
        sound.acquire(requests, nowMs, limit).map((answer, index) => {
          if (!isSurplus(answer)) return answer;
          const lease = { owner: "nobody", dueMs: undefined, lapsesAtMs: nowMs + 1 };
          edit(rows, requests[index]!.source, (row) => ({ ...row, lease }));
          return { granted: false, reason: "busy", retryInMs: 1 };
        }),
    }),
  },
];

function isSurplus(answer: AcquireResult): boolean {
  return !answer.granted && answer.reason === "surplus";
}
