import type { Touch } from "./touch.ts";

export interface CompileTimes {
  /** How long a subject rests before it is compiled. */
  readonly quietMs: number;
  /** How long after its first change it is compiled at latest. */
  readonly atMostMs: number;
}

/** A process records a subject that keeps changing again only after this part of `quiet`. */
export const recordedAgainPart = 4;
/** What is left of `at_most` when a subject is due is for the compile itself and the ones before it. */
const startedByPart = 0.9;
const firstBackoffMs = 60_000;
const longestBackoffMs = 60 * 60_000;

/** What a round looks at. */
export interface Round {
  /** What may be compiled now: what waits for as long as `at_most` allows, then what has been due for the longest. */
  readonly due: readonly Touch[];
  /** How many subjects were touched lately, in any process. */
  readonly lately: number;
}

/** Decides over the touches of all pages which subjects are due. The same subject may have several touches: processes record their own. */
export function planRound(touches: Iterable<Touch>, times: CompileTimes, nowMs: number, latelyMs: number): Round {
  const subjects = new Map<string, Touch[]>();
  for (const touch of touches) {
    const known = subjects.get(touch.subject);
    if (known === undefined) subjects.set(touch.subject, [touch]);
    else known.push(touch);
  }
  const due: { readonly touch: Touch; readonly dueAtMs: number; readonly isOverdue: boolean }[] = [];
  let lately = 0;
  for (const [, ofSubject] of subjects) {
    const touch = mergeTouches(ofSubject);
    if (touch.failures === 0 && touch.lastMs > nowMs - latelyMs) lately += 1;
    const dueAtMs = dueTime(ofSubject, touch, times, nowMs);
    if (dueAtMs <= nowMs) due.push({ touch, dueAtMs, isOverdue: isOverdue(touch, times, nowMs) });
  }
  due.sort((left, right) => Number(right.isOverdue) - Number(left.isOverdue) || left.dueAtMs - right.dueAtMs);
  return { due: due.map(({ touch }) => touch), lately };
}

/** Decides which taken subjects are compiled now: those of a round that was ended, and failed ones that have waited long enough. */
export function planTaken(
  taken: readonly Touch[],
  times: CompileTimes,
  nowMs: number,
): { readonly begun: readonly Touch[]; readonly waiting: readonly Touch[] } {
  const isWaiting = (touch: Touch) => touch.failures > 0 && dueTime([touch], touch, times, nowMs) > nowMs;
  return { begun: taken.filter((touch) => !isWaiting(touch)), waiting: taken.filter(isWaiting) };
}

/** All touches of one subject as one. */
export function mergeTouches(touches: readonly Touch[]): Touch {
  return touches.reduce((merged, { subject, firstMs, lastMs, failures }) => ({
    subject,
    firstMs: Math.min(merged.firstMs, firstMs),
    lastMs: Math.max(merged.lastMs, lastMs),
    failures: Math.max(merged.failures, failures),
  }));
}

/** One that failed waits long anyway, and must not be the first of each round. */
function isOverdue({ firstMs, failures }: Touch, { atMostMs }: CompileTimes, nowMs: number): boolean {
  return failures === 0 && firstMs + atMostMs * startedByPart <= nowMs;
}

function dueTime(touches: readonly Touch[], merged: Touch, { quietMs, atMostMs }: CompileTimes, nowMs: number): number {
  const restedMs = merged.lastMs + quietMs + quietMs / recordedAgainPart;
  const changedMs = Math.min(restedMs, merged.firstMs + atMostMs * startedByPart);
  const held = touches.map(({ lastMs, failures }) => (failures === 0 ? 0 : lastMs + backoffMs(failures)));
  const dueAtMs = Math.max(changedMs, ...held);
  // A clock that was ahead wrote this. It must not hold the subject up.
  const furthestMs = nowMs + (merged.failures === 0 ? 2 * quietMs + quietMs / recordedAgainPart : longestBackoffMs);
  return dueAtMs > furthestMs ? nowMs : dueAtMs;
}

/** How long a subject is left alone after so many failures. */
function backoffMs(failures: number): number {
  return Math.min(longestBackoffMs, firstBackoffMs * 2 ** (failures - 1));
}
