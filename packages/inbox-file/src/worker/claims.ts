import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ClaimLimits } from "@statewave-connectors/connector-sdk/inbox";
import { furthestRetryMs } from "./furthest-ahead.ts";
import type { SourceCounters, SourceTable } from "./source-table.ts";
import type { ClaimAnswer, ClaimedRow, StoredItem } from "./protocol.ts";

/** Items in one answer, so that an answer stays small; the consumer requests the rest. */
const maxAnswerItems = 256;

/** Each must find its rows in the index, however many items wait. */
export const claimQueries = {
  fresh: "SELECT key, bytes FROM items WHERE source = ? AND not_before = 0 ORDER BY key LIMIT ?",
  due: "SELECT key, bytes FROM items WHERE source = ? AND not_before > 0 AND not_before <= ? ORDER BY not_before LIMIT ?",
  ahead: "SELECT key, bytes FROM items WHERE source = ? AND not_before > ? ORDER BY not_before LIMIT ?",
  nextRetry: "SELECT min(not_before) AS next FROM items WHERE source = ? AND not_before > ?",
};

interface Candidate {
  readonly key: number;
  readonly bytes: number;
}

interface HeldItem extends Candidate {
  readonly source: SourceCounters;
}

/** A claim under way: what it may still take. */
interface Budget {
  readonly limits: ClaimLimits;
  readonly nowMs: number;
  /** Items of one source in this turn of the round. */
  readonly share: number;
  readonly rows: ClaimedRow[];
}

/**
 * Who has what. Claims are kept in memory only: one process owns the file, so whatever is stored and not claimed here is free.
 *
 * Sources take turns, beginning with the one that comes after the last one served; one that got nothing because its next item did
 * not fit the bytes left is the first in line next time. So no source waits for another's backlog, and a large item is not overtaken for ever.
 */
export class Claims {
  readonly #sources: SourceTable;
  readonly #fresh: StatementSync;
  readonly #due: StatementSync;
  readonly #ahead: StatementSync;
  readonly #nextRetry: StatementSync;
  readonly #read: StatementSync;
  readonly #held = new Map<number, HeldItem>();
  #heldBytes = 0;
  /** The id of the source served last. */
  #lastServed = 0;

  constructor(database: DatabaseSync, sources: SourceTable) {
    this.#sources = sources;
    this.#fresh = database.prepare(claimQueries.fresh);
    this.#due = database.prepare(claimQueries.due);
    this.#ahead = database.prepare(claimQueries.ahead);
    this.#nextRetry = database.prepare(claimQueries.nextRetry);
    this.#read = database.prepare("SELECT type, attempt, meta, body FROM items WHERE key = ?");
  }

  get(key: number): HeldItem | undefined {
    return this.#held.get(key);
  }

  /** Ends the claim: the item is settled or given back. */
  drop(key: number): void {
    const item = this.#held.get(key);
    if (item === undefined) return;
    this.#held.delete(key);
    this.#heldBytes -= item.bytes;
    item.source.claimed -= 1;
  }

  /** Gives the item back as it was. */
  release(key: number): void {
    const item = this.#held.get(key);
    if (item === undefined) return;
    this.drop(key);
    item.source.freshMayWait = true;
    item.source.nextRetryAtMs = 0;
  }

  claim(limits: ClaimLimits, nowMs: number): ClaimAnswer {
    const ready = this.#readySources(limits, nowMs);
    const share = Math.max(1, Math.floor(maxAnswerItems / Math.max(1, ready.length)));
    const budget: Budget = { limits, nowMs, share, rows: [] };
    let bytesLeft = true;
    for (const source of ready) {
      if (budget.rows.length >= maxAnswerItems) break;
      const claimedBefore = source.claimed;
      bytesLeft = this.#claimFrom(source, budget);
      if (bytesLeft || source.claimed > claimedBefore) this.#lastServed = source.id;
      if (!bytesLeft) break;
    }
    const more = bytesLeft && budget.rows.length > 0 && this.#readySources(limits, nowMs).length > 0;
    return { rows: budget.rows, more, nextReadyAtMs: this.#nextReadyAtMs(nowMs) };
  }

  /** Sources that may have something ready and may have it claimed, the one whose turn it is first. */
  #readySources(limits: ClaimLimits, nowMs: number): readonly SourceCounters[] {
    const ready = this.#sources.rows.filter(
      (source) =>
        source.depth > source.claimed &&
        source.claimed < limits.maxItemsPerSource &&
        (source.freshMayWait || isDue(source.nextRetryAtMs, nowMs)),
    );
    const first = ready.findIndex(({ id }) => id > this.#lastServed);
    return first <= 0 ? ready : [...ready.slice(first), ...ready.slice(0, first)];
  }

  /** Answers false when an item did not fit the bytes left. */
  #claimFrom(source: SourceCounters, budget: Budget): boolean {
    const { limits, nowMs, rows } = budget;
    const want = Math.min(budget.share, limits.maxItemsPerSource - source.claimed, maxAnswerItems - rows.length);
    const candidates = this.#candidates(source, want, nowMs);
    for (const candidate of candidates.slice(0, want)) {
      if (this.#heldBytes > 0 && this.#heldBytes + candidate.bytes > limits.maxBytes) return false;
      rows.push(this.#take(source, candidate));
    }
    if (candidates.length <= want) {
      source.freshMayWait = false;
      source.nextRetryAtMs = this.#retryAtMs(source.id, nowMs);
    }
    return true;
  }

  /** Up to `want` items, and one more if there is one; retried and fresh ones in turn, so that neither waits for all of the other. */
  #candidates(source: SourceCounters, want: number, nowMs: number): readonly Candidate[] {
    // What is claimed is skipped here and not in SQL: it is at the front, and there is little of it.
    const limit = want + 1 + source.claimed;
    const free = (row: Record<string, unknown>) => {
      const key = Number(row["key"]);
      return this.#held.has(key) ? [] : [{ key, bytes: Number(row["bytes"]) }];
    };
    const due = isDue(source.nextRetryAtMs, nowMs) ? this.#dueRows(source.id, nowMs, limit).flatMap(free) : [];
    const fresh = source.freshMayWait ? this.#fresh.all(source.id, limit).flatMap(free) : [];
    if (due.length === 0 || fresh.length === 0) return due.concat(fresh).slice(0, want + 1);
    source.prefersRetried = !source.prefersRetried;
    const [first, second] = source.prefersRetried ? [due, fresh] : [fresh, due];
    return alternate(first, second).slice(0, want + 1);
  }

  #dueRows(source: number, nowMs: number, limit: number): readonly Record<string, unknown>[] {
    return [...this.#due.all(source, nowMs, limit), ...this.#ahead.all(source, nowMs + furthestRetryMs, limit)];
  }

  /** When the next item that was retried is ready: now, when one waits too far ahead. */
  #retryAtMs(source: number, nowMs: number): number {
    if (this.#ahead.get(source, nowMs + furthestRetryMs, 1) !== undefined) return 0;
    return Number(this.#nextRetry.get(source, nowMs)?.["next"] ?? Infinity);
  }

  #take(source: SourceCounters, { key, bytes }: Candidate): ClaimedRow {
    const row = this.#read.get(key)!;
    this.#held.set(key, { key, bytes, source });
    this.#heldBytes += bytes;
    source.claimed += 1;
    return {
      kind: source.kind,
      name: source.name,
      key,
      itemType: row["type"] as StoredItem["itemType"],
      attempt: Number(row["attempt"]),
      meta: String(row["meta"]),
      body: row["body"] as Uint8Array,
    };
  }

  #nextReadyAtMs(nowMs: number): number | undefined {
    let next = Infinity;
    for (const { nextRetryAtMs } of this.#sources.rows) if (nextRetryAtMs > nowMs) next = Math.min(next, nextRetryAtMs);
    return next === Infinity ? undefined : next;
  }
}

function isDue(atMs: number, nowMs: number): boolean {
  return atMs <= nowMs || (atMs > nowMs + furthestRetryMs && atMs !== Infinity);
}

function alternate<Item>(first: readonly Item[], second: readonly Item[]): readonly Item[] {
  return Array.from({ length: Math.max(first.length, second.length) }, (_, index) => [
    ...first.slice(index, index + 1),
    ...second.slice(index, index + 1),
  ]).flat();
}
