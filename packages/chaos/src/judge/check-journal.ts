import { type JournaledLease, successorTimes } from "./journaled-leases.ts";

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the test did to the processes and to the store. */
export interface Disturbances {
  readonly pauses: readonly (Span & { readonly pid: number })[];
  readonly deaths: readonly { readonly pid: number; readonly atMs: number }[];
  /** When the store could not be reached, or answered nothing. */
  readonly outages: readonly Span[];
}

export interface JournalCheck {
  readonly leases: readonly JournaledLease[];
  readonly disturbances: Disturbances;
  readonly ttlMs: number;
  /** The cursor of each source as it lies in the store in the end. */
  readonly finalCursors: ReadonlyMap<string, string>;
  /** When the last process was still up; what had no time to happen until then is not missed. */
  readonly endMs: number;
}

/** What must not be; each entry is a sentence about one case. */
export interface Violations {
  readonly finishedTwice: readonly string[];
  readonly overlaps: readonly string[];
  readonly movedByStaleOwner: readonly string[];
  readonly cursorsWentBack: readonly string[];
  readonly resumedLate: readonly string[];
}

export const noViolations: Violations = {
  finishedTwice: [],
  overlaps: [],
  movedByStaleOwner: [],
  cursorsWentBack: [],
  resumedLate: [],
};

/** "Within its time to live and a moment." */
export const momentMs = 2_000;
/** When the moment is over on a busy machine. */
export const lateAfterMs = 30_000;

/** Holds a journal against the promises. Every grant has an epoch of its own; all times are of one machine. */
export function checkJournal(check: JournalCheck): Violations {
  const sources = Map.groupBy(check.leases, ({ source }) => source);
  const of = (find: (leases: readonly JournaledLease[], check: JournalCheck) => readonly string[]) =>
    [...sources.values()].flatMap((leases) => find(leases, check));
  return {
    finishedTwice: of(finishedTwice),
    overlaps: of(overlaps),
    movedByStaleOwner: of(movedByStaleOwner),
    cursorsWentBack: of(cursorsWentBack),
    resumedLate: of(resumedLate),
  };
}

/** A due that was finished is neither finished again nor granted again, nor is an older one. Leases come in the order of their epochs. */
function finishedTwice(leases: readonly JournaledLease[]): readonly string[] {
  let finishedMs = Number.NEGATIVE_INFINITY;
  return leases.flatMap((lease) => {
    const { dueMs } = lease;
    if (dueMs === undefined) return [];
    const again = dueMs <= finishedMs ? [`${nameOf(lease)} runs the due ${dueMs} after ${finishedMs} was finished`] : [];
    if (lease.release?.done === true && lease.release.held === true) finishedMs = Math.max(finishedMs, dueMs);
    return again;
  });
}

/** No owner acts after its successor was let in, except one that was paused: it cannot know. */
function overlaps(leases: readonly JournaledLease[], { disturbances }: JournalCheck): readonly string[] {
  const successors = successorTimes(leases);
  return leases.flatMap((lease, index) => {
    const sameEpoch = leases[index - 1]?.epoch === lease.epoch ? [`${nameOf(lease)} was granted twice`] : [];
    const successorMs = successors[index]!;
    const late = lease.actsMs.find((actMs) => actMs > successorMs && !wasPaused(lease, actMs, disturbances));
    if (late === undefined) return sameEpoch;
    return [...sameEpoch, `${nameOf(lease)} still acted ${late - successorMs} ms after its successor was let in`];
  });
}

/** Paused or not: once another process was let in, no checkpoint of the former owner is accepted. */
function movedByStaleOwner(leases: readonly JournaledLease[]): readonly string[] {
  const successors = successorTimes(leases);
  return leases.flatMap((lease, index) => {
    const successorMs = successors[index]!;
    const taken = lease.checkpoints.filter(({ held, sentAtMs }) => held === true && sentAtMs > successorMs);
    return taken.map(({ cursor }) => `${nameOf(lease)} moved the cursor to ${cursor} after its successor was let in`);
  });
}

/** Every owner starts at the last checkpoint taken before it, and so does the reader at the end. */
function cursorsWentBack(leases: readonly JournaledLease[], { finalCursors }: JournalCheck): readonly string[] {
  const found: string[] = [];
  let taken = 0;
  // A checkpoint whose answer got lost may have been taken.
  let mayBeTaken = 0;
  const look = (who: string, cursor: string | undefined) => {
    const number = Number(cursor ?? 0);
    if (number < taken) found.push(`${who} finds cursor ${number} although ${taken} was stored`);
    if (number > mayBeTaken) found.push(`${who} finds cursor ${number} although no process stored more than ${mayBeTaken}`);
    taken = Math.max(taken, number);
  };
  for (const lease of leases) {
    look(nameOf(lease), lease.cursor);
    for (const { held, cursor } of lease.checkpoints) {
      if (held === true) taken = Math.max(taken, Number(cursor));
      if (held !== false) mayBeTaken = Math.max(mayBeTaken, Number(cursor));
    }
  }
  const source = leases[0]?.source ?? "";
  look(`${source} in the end`, finalCursors.get(source));
  return found;
}

/** What an owner that died, or slept too long, left unfinished is resumed within its time to live and a moment of a store that answers. */
function resumedLate(leases: readonly JournaledLease[], { disturbances, ttlMs, endMs }: JournalCheck): readonly string[] {
  const { deaths, pauses } = disturbances;
  const outages = disturbances.outages.toSorted((a, b) => a.fromMs - b.fromMs);
  const losses = [
    ...deaths.map(({ pid, atMs }) => ({ pid, fromMs: atMs, toMs: Number.POSITIVE_INFINITY })),
    ...pauses.filter(({ fromMs, toMs }) => toMs - fromMs > ttlMs + momentMs),
  ];
  const successors = successorTimes(leases);
  const owned = Map.groupBy(leases.entries(), ([, { pid }]) => pid);
  return losses.flatMap(({ pid, fromMs, toMs }) =>
    (owned.get(pid) ?? []).flatMap(([index, lease]) => {
      const isOpen = lease.grantedAtMs < fromMs && (lease.release?.answeredAtMs ?? toMs) >= toMs;
      const successorMs = isOpen ? successors[index]! : Number.NEGATIVE_INFINITY;
      if (successorMs < fromMs) return [];
      const deadlineMs = deadlineAfter(fromMs, ttlMs, outages);
      if (successorMs <= deadlineMs || endMs <= deadlineMs) return [];
      return [`${nameOf(lease)} was lost and resumed ${Math.round(successorMs - fromMs)} ms later`];
    }),
  );
}

/** While the store is unreachable no process can resume a run: the time begins again when it is back. Outages come in their order. */
function deadlineAfter(lostAtMs: number, ttlMs: number, outages: readonly Span[]): number {
  let deadlineMs = lostAtMs + ttlMs + lateAfterMs;
  for (const { fromMs, toMs } of outages) {
    if (fromMs < deadlineMs && toMs > lostAtMs) deadlineMs = Math.max(deadlineMs, toMs + ttlMs + lateAfterMs);
  }
  return deadlineMs;
}

/** Whether the owner was stopped at some time between its grant and `untilMs`. */
export function wasPaused(lease: JournaledLease, untilMs: number, { pauses }: Disturbances): boolean {
  return pauses.some(({ pid, fromMs, toMs }) => pid === lease.pid && toMs > lease.askedAtMs && fromMs < untilMs);
}

function nameOf({ source, epoch, pid }: JournaledLease): string {
  return `${source} (epoch ${epoch}, process ${pid})`;
}
