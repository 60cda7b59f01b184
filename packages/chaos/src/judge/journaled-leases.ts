import type { JournalLine } from "../witness/journal.ts";

/** One lease and what its owner did under it. */
export interface JournaledLease {
  readonly source: string;
  readonly pid: number;
  readonly epoch: number;
  readonly askedAtMs: number;
  readonly grantedAtMs: number;
  readonly dueMs: number | undefined;
  readonly cursor: string | undefined;
  /** When its owner read a page or sent a checkpoint. A late release is no act: it moves nothing, and the store does not listen to it. */
  readonly actsMs: number[];
  /** `held` is undefined where no answer came. */
  readonly checkpoints: { readonly cursor: string; readonly sentAtMs: number; held: boolean | undefined }[];
  release: { readonly done: boolean; held: boolean | undefined; answeredAtMs: number | undefined } | undefined;
}

/** The leases of a journal, gathered line by line: they take a tenth of the room. Lines of one process come in their order. */
export class LeaseBook {
  readonly #leases: JournaledLease[] = [];
  /** A process runs a source once at a time: what it does to a source, it does under its latest lease. */
  readonly #latest = new Map<string, JournaledLease>();

  add(line: JournalLine): void {
    const key = `${line.pid} ${line.source}`;
    if (line.step === "granted") {
      const lease = leaseOf(line);
      this.#leases.push(lease);
      this.#latest.set(key, lease);
      return;
    }
    const lease = this.#latest.get(key);
    if (lease === undefined) throw new Error(`the journal has no lease for ${JSON.stringify(line)}`);
    addTo(lease, line);
  }

  /** By source, in the order of their epochs. */
  get leases(): readonly JournaledLease[] {
    return this.#leases.toSorted((a, b) => (a.source === b.source ? a.epoch - b.epoch : a.source < b.source ? -1 : 1));
  }
}

/** The leases of a whole journal, by source in the order of their epochs. */
export function toLeases(lines: readonly JournalLine[]): readonly JournaledLease[] {
  const book = new LeaseBook();
  for (const line of lines) book.add(line);
  return book.leases;
}

/** For each lease of one source, when another process was first known to hold the source after it; infinite where none did. */
export function successorTimes(leases: readonly JournaledLease[]): readonly number[] {
  const times: number[] = [];
  let earliestMs = Number.POSITIVE_INFINITY;
  for (const ofEpoch of [...Map.groupBy(leases, ({ epoch }) => epoch).values()].toReversed()) {
    times.push(...Array<number>(ofEpoch.length).fill(earliestMs));
    earliestMs = Math.min(earliestMs, ...ofEpoch.map(({ grantedAtMs }) => grantedAtMs));
  }
  return times.toReversed();
}

function leaseOf(line: Extract<JournalLine, { step: "granted" }>): JournaledLease {
  const { source, pid, epoch, askedAtMs, atMs, dueMs, cursor } = line;
  return { source, pid, epoch, askedAtMs, grantedAtMs: atMs, dueMs, cursor, actsMs: [], checkpoints: [], release: undefined };
}

function addTo(lease: JournaledLease, line: Exclude<JournalLine, { step: "granted" }>): void {
  switch (line.step) {
    case "read":
      lease.actsMs.push(line.atMs);
      break;
    case "checkpoint-sent":
      lease.actsMs.push(line.atMs);
      lease.checkpoints.push({ cursor: line.cursor, sentAtMs: line.atMs, held: undefined });
      break;
    case "checkpoint-answered":
      for (const checkpoint of lease.checkpoints) if (checkpoint.cursor === line.cursor) checkpoint.held = line.held;
      break;
    case "release-sent":
      lease.release = { done: line.done, held: undefined, answeredAtMs: undefined };
      break;
    case "release-answered":
      if (lease.release !== undefined) {
        lease.release.held = line.held;
        // Without an answer it is as good as not released.
        if (line.held !== undefined) lease.release.answeredAtMs = line.atMs;
      }
      break;
  }
}
