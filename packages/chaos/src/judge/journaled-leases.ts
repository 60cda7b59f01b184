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

/** The leases of a journal, by source in the order of their epochs. Lines of one process come in their order. */
export function toLeases(lines: readonly JournalLine[]): readonly JournaledLease[] {
  const leases: JournaledLease[] = [];
  // A process runs a source once at a time: what it does to a source, it does under its latest lease.
  const latest = new Map<string, JournaledLease>();
  for (const line of lines) {
    const key = `${line.pid} ${line.source}`;
    if (line.step === "granted") {
      const lease = leaseOf(line);
      leases.push(lease);
      latest.set(key, lease);
      continue;
    }
    const lease = latest.get(key);
    if (lease === undefined) throw new Error(`the journal has no lease for ${JSON.stringify(line)}`);
    addTo(lease, line);
  }
  return leases.toSorted((a, b) => (a.source === b.source ? a.epoch - b.epoch : a.source < b.source ? -1 : 1));
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
