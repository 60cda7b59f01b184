import { describe, expect, it } from "vitest";
import { checkJournal, type Disturbances, noViolations, type Violations } from "../src/judge/check-journal.ts";
import { toLeases } from "../src/judge/journaled-leases.ts";
import type { JournalLine } from "../src/witness/journal.ts";

const source = "n01";
const ttlMs = 3_000;
const quiet: Disturbances = { pauses: [], deaths: [], outages: [] };

const granted = (atMs: number, pid: number, epoch: number, dueMs: number, cursor?: string): JournalLine => {
  const line = { atMs, pid, source, epoch, dueMs, step: "granted", askedAtMs: atMs - 5, resumed: false } as const;
  return cursor === undefined ? line : { ...line, cursor };
};

/** A page, read and stored. */
const stored = (atMs: number, pid: number, epoch: number, page: number, held = true): readonly JournalLine[] => [
  { atMs, pid, source, step: "read", page },
  { atMs: atMs + 10, pid, source, step: "checkpoint-sent", epoch, cursor: `${page}` },
  { atMs: atMs + 15, pid, source, step: "checkpoint-answered", epoch, cursor: `${page}`, held },
];

const finished = (atMs: number, pid: number, epoch: number, dueMs: number): readonly JournalLine[] => [
  { atMs, pid, source, step: "release-sent", epoch, dueMs, done: true },
  { atMs: atMs + 5, pid, source, step: "release-answered", epoch, dueMs, done: true, held: true },
];

function check(lines: readonly JournalLine[], finalCursor: string, disturbances = quiet): Violations {
  return checkJournal({
    leases: toLeases(lines),
    disturbances,
    ttlMs,
    finalCursors: new Map([[source, finalCursor]]),
    endMs: 60_000,
  });
}

/** Process 1 stops in the middle of its run, process 2 takes over after the lease lapsed. */
const tookOver = [granted(1_000, 1, 1, 1_000), ...stored(1_050, 1, 1, 1)];
const successor = [
  granted(4_100, 2, 2, 1_000, "1"),
  ...stored(4_200, 2, 2, 2),
  ...stored(4_300, 2, 2, 3),
  ...finished(4_400, 2, 2, 1_000),
];
const pausedOne = { ...quiet, pauses: [{ pid: 1, fromMs: 1_080, toMs: 4_250 }] };

describe("the checker of the journal", () => {
  it("has nothing to say of two runs in a row", () => {
    const first = [granted(1_000, 1, 1, 1_000), ...stored(1_050, 1, 1, 1), ...finished(1_100, 1, 1, 1_000)];
    const second = [granted(2_000, 2, 2, 2_000, "1"), ...stored(2_050, 2, 2, 2), ...finished(2_100, 2, 2, 2_000)];
    expect(check([...first, ...second], "2")).toEqual(noViolations);
  });

  it("allows a paused owner to read on, as long as its checkpoint is refused", () => {
    const zombie = stored(4_260, 1, 1, 2, false);
    expect(check([...tookOver, ...zombie, ...successor], "3", pausedOne)).toEqual(noViolations);
  });

  it("finds a cursor that a paused owner moved after its successor was let in", () => {
    const zombie = stored(4_260, 1, 1, 2);
    expect(check([...tookOver, ...zombie, ...successor], "3", pausedOne).movedByStaleOwner).toHaveLength(1);
  });

  it("finds an owner that acts after its successor was let in although it was not paused", () => {
    const awake = stored(4_260, 1, 1, 2, false);
    expect(check([...tookOver, ...awake, ...successor], "3").overlaps).toHaveLength(1);
  });

  it("finds one epoch that was granted twice", () => {
    expect(check([...tookOver, granted(1_010, 2, 1, 1_000)], "1").overlaps).toHaveLength(1);
  });

  it("finds a due that is run again after it was finished", () => {
    const again = [granted(5_000, 1, 3, 1_000, "3"), ...finished(5_100, 1, 3, 1_000)];
    expect(check([...tookOver, ...again, ...successor], "3").finishedTwice).toHaveLength(1);
  });

  it("finds a cursor that went back, for the next owner and in the end", () => {
    const next = granted(5_000, 3, 3, 5_000, "2");
    expect(check([...tookOver, ...successor, next], "3").cursorsWentBack).toHaveLength(1);
    expect(check([...tookOver, ...successor], "2").cursorsWentBack).toHaveLength(1);
  });

  it("finds a cursor that was not stored", () => {
    expect(check([...tookOver, ...successor], "9").cursorsWentBack).toHaveLength(1);
  });

  it("takes a checkpoint without an answer for stored or not, as the store says", () => {
    const unanswered: JournalLine = { atMs: 1_090, pid: 1, source, step: "checkpoint-sent", epoch: 1, cursor: "2" };
    for (const cursor of ["1", "2"]) {
      expect(check([...tookOver, unanswered, granted(4_100, 2, 2, 1_000, cursor)], cursor)).toEqual(noViolations);
    }
  });

  it("finds a dead owner's run that is resumed too late, and allows the time in which the store was unreachable", () => {
    const death = { ...quiet, deaths: [{ pid: 1, atMs: 1_080 }] };
    const late = [granted(34_200, 2, 2, 1_000, "1"), ...finished(34_300, 2, 2, 1_000)];
    expect(check([...tookOver, ...late], "1", death).resumedLate).toHaveLength(1);
    expect(check(tookOver, "1", death).resumedLate).toHaveLength(1);
    expect(check([...tookOver, ...successor], "3", death)).toEqual(noViolations);
    expect(check([...tookOver, ...late], "1", { ...death, outages: [{ fromMs: 2_000, toMs: 3_000 }] })).toEqual(noViolations);
  });
});
