import type { AcquireLimit, AcquireRequest, AcquireResult, Lease, ReleaseOutcome, SourceState } from "./cursor-store.ts";
import {
  decideAcquire,
  describeSource,
  planCheckpoint,
  planDelete,
  planRelease,
  planRenew,
  planSet,
  type SourceRow,
  unknownSource,
} from "./lease-rules.ts";
import { formatSourceKey, parseSourceKey, type SourceKey } from "../contract/source.ts";

/** Rows by `kind/name`. A `Map` is one; so is a draft laid over rows that are not to change yet. */
export interface SourceRows {
  get(key: string): SourceRow | undefined;
  set(key: string, row: SourceRow): unknown;
  entries(): Iterable<[key: string, row: SourceRow]>;
}

/**
 * The rules of `CursorStore` over rows in memory, without I/O and without a clock: what stores that hold their rows themselves are made
 * of. Every method reads and writes within one turn, which is what makes it atomic.
 */
export class CursorTable {
  readonly #rows: SourceRows;

  constructor(rows: SourceRows) {
    this.#rows = rows;
  }

  get(source: SourceKey): string | undefined {
    return this.#row(source).cursor;
  }

  set(source: SourceKey, cursor: string, nowMs: number): void {
    this.#rows.set(formatSourceKey(source), planSet(this.#row(source), cursor, nowMs));
  }

  delete(source: SourceKey): boolean {
    const row = this.#rows.get(formatSourceKey(source));
    // An unknown source has nothing to fence, and a mistyped name leaves no row.
    if (row === undefined) return false;
    this.#rows.set(formatSourceKey(source), planDelete(row));
    return row.cursor !== undefined;
  }

  list(nowMs: number): SourceState[] {
    const states: SourceState[] = [];
    for (const [key, row] of this.#rows.entries()) {
      const source = parseSourceKey(key);
      const state = source === undefined ? undefined : describeSource(source, row, nowMs);
      if (state !== undefined) states.push(state);
    }
    return states.toSorted(
      (left, right) => compare(left.source.kind, right.source.kind) || compare(left.source.name, right.source.name),
    );
  }

  acquire(requests: readonly AcquireRequest[], nowMs: number, limit?: AcquireLimit): AcquireResult[] {
    let left = limit?.atMost ?? Number.POSITIVE_INFINITY;
    return requests.map((request) => {
      const { row, result } = decideAcquire(this.#row(request.source), request, nowMs);
      if (!result.granted) return result;
      if (left <= 0) return { granted: false, reason: "surplus" };
      left -= 1;
      this.#rows.set(formatSourceKey(request.source), row);
      return result;
    });
  }

  renew(leases: readonly Lease[], ttlMs: number, nowMs: number): boolean[] {
    return leases.map((lease) => this.#replace(lease, planRenew(this.#row(lease.source), lease, ttlMs, nowMs)));
  }

  checkpoint(lease: Lease, cursor: string, nowMs: number): boolean {
    return this.#replace(lease, planCheckpoint(this.#row(lease.source), lease, cursor, nowMs));
  }

  release(lease: Lease, outcome: ReleaseOutcome, nowMs: number): boolean {
    return this.#replace(lease, planRelease(this.#row(lease.source), lease, outcome, nowMs));
  }

  #row(source: SourceKey): SourceRow {
    return this.#rows.get(formatSourceKey(source)) ?? unknownSource;
  }

  #replace(lease: Lease, row: SourceRow | undefined): boolean {
    if (row !== undefined) this.#rows.set(formatSourceKey(lease.source), row);
    return row !== undefined;
  }
}

/** By code unit, not by locale: the same order on every machine. */
function compare(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}
