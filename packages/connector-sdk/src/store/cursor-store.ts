import type { StateHome } from "../contract/adapter.ts";
import type { SourceKey } from "../contract/source.ts";
import type { StoreRecords } from "./store-records.ts";

/** Requests the right to run one source. */
export interface AcquireRequest {
  readonly source: SourceKey;
  /** The due to claim, epoch milliseconds. Absent: a manual sync or a trigger, which claims no due and leaves an unfinished run as it is. */
  readonly dueMs?: number;
  /** The process that requests it: unique per process. */
  readonly owner: string;
  /** At most an hour counts. */
  readonly ttlMs: number;
}

/** How much a caller can make use of. */
export interface AcquireLimit {
  /** Leases are granted to so many at most: to the first that may have one, in the order of the requests. */
  readonly atMost: number;
}

/** The right of one process to run a source. */
export interface Lease {
  readonly source: SourceKey;
  readonly owner: string;
  /** The fencing token: raised by every grant, set and delete of this source, and never reused, not even after a delete. */
  readonly epoch: number;
  /** The due of the run; of a resumed run, the original one. Absent for a manual sync or a trigger. */
  readonly dueMs?: number;
  /** Whether it continues a run that was left unfinished. */
  readonly resumed: boolean;
  /** The cursor at the moment of the grant. */
  readonly cursor?: string;
}

export type AcquireResult =
  | { readonly granted: true; readonly lease: Lease }
  /** A process holds a live lease, which lapses in `retryInMs`. */
  | { readonly granted: false; readonly reason: "busy"; readonly retryInMs: number }
  /** The unfinished run is to be resumed in `retryInMs`. */
  | { readonly granted: false; readonly reason: "waiting"; readonly retryInMs: number }
  /** This due or a later one is finished. */
  | { readonly granted: false; readonly reason: "finished" }
  /** The due is more than 5 s ahead of the store's clock. */
  | { readonly granted: false; readonly reason: "early" }
  /** It would have been granted, but `atMost` others before it were. Nothing has changed for it. */
  | { readonly granted: false; readonly reason: "surplus" };

/** How a run ended: finished, or to be resumed from its checkpoint after `resumeInMs` (0: at once). */
export type ReleaseOutcome = { readonly type: "done" } | { readonly type: "unfinished"; readonly resumeInMs: number };

/** What the store knows of one source. Durations are measured on the store's clock. */
export interface SourceState {
  readonly source: SourceKey;
  readonly cursor?: string;
  /** When the cursor was last written, epoch milliseconds. */
  readonly updatedAtMs?: number;
  readonly epoch: number;
  /** The latest due that was finished. */
  readonly finishedDueMs?: number;
  /** The due of a run that was claimed and is not finished. */
  readonly openDueMs?: number;
  /** Present while an unfinished run waits for its time. */
  readonly resumeInMs?: number;
  /** Present while a lease is live. */
  readonly lease?: { readonly owner: string; readonly lapsesInMs: number };
}

/**
 * Cursors, and the leases that guard them. The store's clock decides what is live.
 *
 * Claims. `acquire` with a due D is decided per source, atomically, in this order: D more than 5 s ahead: early. A live lease: busy.
 * An unfinished run with due O and a `resumeInMs` not yet over: waiting. D not later than the last finished due, and no unfinished
 * run: finished. An unfinished run with O >= D: granted for O, `resumed`. Otherwise granted for D, which replaces an older O.
 * Without a due: busy or granted; neither the finished nor the unfinished due changes, and `resumed` is false. What would be granted
 * beyond `atMost` is surplus instead: so a process claims everything that is due at once, learns what others have done already, and
 * holds no lease that it has no room to use.
 *
 * Time. A stored time that no claim of this moment could have left was written while the store's clock was ahead, and holds nothing up: a
 * finished or unfinished due more than 5 s ahead counts as none or as one of now, a lease that lapses in more than an hour as lapsed. If a
 * due or the cursor's time lies ahead, or the unfinished run waits for more than 400 days, it need not wait.
 *
 * Fencing. `checkpoint`, `renew` and `release` hold for a lease until it is released, as long as its epoch is the source's current one:
 * also when its time has lapsed but no process has taken over. Otherwise they change nothing and answer false. `set` and `delete` raise the
 * epoch, so a run of that moment loses its lease instead of overwriting what a person wrote; an unfinished run stays
 * unfinished.
 *
 * All methods throw `ConnectorsError` with a `STORE_` code; after `close` every call throws `STORE_CLOSED`. `close` twice is fine.
 */
export interface CursorStore {
  /** What a stored cursor survives, in a few words for the start-up lines, e.g. "fsynced on this disk". */
  readonly durability: string;

  /** Absent: on a server. Anywhere else no other process can have it open at the same time. */
  readonly livesIn?: StateHome;

  /** When the certificate that the server showed at the latest connection expires, epoch milliseconds. Absent or undefined: without TLS. */
  readonly certificateExpiresAtMs?: number | undefined;

  get(source: SourceKey): Promise<string | undefined>;
  set(source: SourceKey, cursor: string): Promise<void>;
  /** Forgets the cursor; resolves with whether there was one. */
  delete(source: SourceKey): Promise<boolean>;
  /** Every source with a cursor, a lease or a remembered due, ordered by kind and name. */
  list(): Promise<readonly SourceState[]>;

  /** The results have the order of the requests; no two requests name the same source. Many sources cost one statement. */
  acquire(requests: readonly AcquireRequest[], limit?: AcquireLimit): Promise<readonly AcquireResult[]>;
  /** Extends each lease to `ttlMs` from now, at most to an hour. */
  renew(leases: readonly Lease[], ttlMs: number): Promise<readonly boolean[]>;
  /** Stores the cursor durably, or answers false: stale; stop at once and emit nothing more. */
  checkpoint(lease: Lease, cursor: string): Promise<boolean>;
  /** Ends the lease. `done` finishes its due; `unfinished` leaves the run to be resumed by anyone (of a lease without due: just ends it). */
  release(lease: Lease, outcome: ReleaseOutcome): Promise<boolean>;

  /** What else the product remembers. A store without it keeps cursors and leases only. */
  readonly records?: StoreRecords;

  /**
   * Copies what is stored into an existing folder, while the store is in use, for `OpenCursorStore.restore`; answers the names of the files. What
   * changes meanwhile may be in the copy. Absent: a server has back-ups of its own.
   */
  backup?(folder: string): Promise<readonly string[]>;

  /** Flushes what is under way. Leases are not released. */
  close(): Promise<void>;
}

/** The furthest ahead of the store's clock that a due may lie: a process whose clock runs ahead must not use up the future. */
export const maxDueAheadMs = 5_000;
/** No lease is granted or extended for longer. One that lapses later was written while the store's clock was ahead. */
export const longestLeaseMs = 60 * 60_000;
/** No unfinished run waits for longer; likewise. */
export const longestResumeMs = 400 * 24 * 60 * 60_000;
