import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Settlement } from "@statewave-connectors/connector-sdk/inbox";
import type { AcceptOperation, ListQueuedOperation, QueuedRow, WireError, WorkerOptions } from "./protocol.ts";
import type { Claims } from "./claims.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { furthestRetryMs } from "./furthest-ahead.ts";
import { hashId, type SeenIds } from "./seen-ids.ts";
import type { SourceTable } from "./source-table.ts";

/** Thrown for one operation that is refused while the others continue. */
export class RefusedOperation extends Error {
  readonly wire: WireError;

  constructor(wire: WireError) {
    super(wire.message);
    this.wire = wire;
  }
}

interface ItemTableParts {
  readonly database: DatabaseSync;
  readonly limits: WorkerOptions;
  readonly sources: SourceTable;
  readonly seen: SeenIds;
  readonly claims: Claims;
  readonly letters: DeadLetters;
}

/** What waits or is claimed. */
export class ItemTable {
  readonly #parts: ItemTableParts;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #deleteReading: StatementSync;
  readonly #postpone: StatementSync;
  readonly #oldest: StatementSync;
  readonly #list: StatementSync;
  readonly #listOfSource: StatementSync;
  readonly #get: StatementSync;

  constructor(parts: ItemTableParts) {
    this.#parts = parts;
    const { database } = parts;
    this.#insert = database.prepare("INSERT INTO items VALUES (NULL, ?, 0, 0, ?, ?, ?, ?, ?, ?)");
    // Without RETURNING, which costs half as much again: this runs for every event.
    this.#delete = database.prepare("DELETE FROM items WHERE key = ?");
    this.#deleteReading = database.prepare("DELETE FROM items WHERE key = ? RETURNING source, bytes");
    this.#postpone = database.prepare("UPDATE items SET not_before = ?, attempt = attempt + 1 WHERE key = ?");
    const listed = "SELECT key, source, not_before, attempt, accepted_at, type, meta FROM items";
    this.#list = database.prepare(`${listed} WHERE key > ? ORDER BY key LIMIT ?`);
    // Not by the index, whose order is another one.
    this.#listOfSource = database.prepare(`${listed} WHERE +source = ? AND key > ? ORDER BY key LIMIT ?`);
    this.#get = database.prepare("SELECT * FROM items WHERE key = ?");
    this.#oldest = database.prepare("SELECT accepted_at FROM items ORDER BY key LIMIT 1");
  }

  accept(operation: AcceptOperation, body: Uint8Array, nowMs: number): "fresh" | "duplicate" {
    const { sources, seen, limits } = this.#parts;
    const idHash = operation.id === undefined ? undefined : hashId(operation, operation.id);
    if (sources.depth + 1 > limits.maxDepth || sources.bytes + operation.bodyBytes > limits.maxBytes) {
      if (idHash !== undefined && seen.has(idHash, nowMs)) return "duplicate";
      throw new RefusedOperation(full(sources, limits));
    }
    if (idHash !== undefined && !seen.add(idHash, nowMs)) return "duplicate";
    const source = sources.findOrAdd(operation);
    const { itemType, bodyBytes, letterHash, meta } = operation;
    this.#insert.run(source.id, nowMs, itemType, bodyBytes, letterHash, meta, body);
    sources.addItem(source, bodyBytes);
    return "fresh";
  }

  /** Does nothing for a claim that is gone. The claim itself ends when the transaction is committed. */
  settle(key: number, settlement: Settlement, nowMs: number): void {
    const { claims, letters, sources } = this.#parts;
    const item = claims.get(key);
    if (item === undefined) return;
    if (settlement.type === "retry") {
      // 0 would mean: never retried.
      const notBeforeMs = Math.max(1, Math.ceil(nowMs + settlement.afterMs));
      this.#postpone.run(notBeforeMs, key);
      const isTooFar = notBeforeMs > nowMs + furthestRetryMs;
      item.source.nextRetryAtMs = isTooFar ? 0 : Math.min(item.source.nextRetryAtMs, notBeforeMs);
      return;
    }
    if (settlement.type === "dead") letters.buryClaimed(item.source, key, settlement.reason, nowMs);
    this.#delete.run(key);
    sources.removeItem(item.source, item.bytes);
  }

  /** What is claimed stays: its process is about to deliver it. */
  discard(keys: readonly number[]): number {
    const { claims, sources } = this.#parts;
    return keys.filter((key) => {
      const row = claims.get(key) === undefined ? this.#deleteReading.get(key) : undefined;
      if (row !== undefined) sources.removeItem(sources.get(Number(row["source"])), Number(row["bytes"]));
      return row !== undefined;
    }).length;
  }

  list({ source, afterKey, limit }: ListQueuedOperation): readonly QueuedRow[] {
    if (source === undefined) return this.#list.all(afterKey, limit).map((row) => this.#toQueued(row));
    const known = this.#parts.sources.find(source);
    return known === undefined ? [] : this.#listOfSource.all(known.id, afterKey, limit).map((row) => this.#toQueued(row));
  }

  get(key: number): QueuedRow | undefined {
    const row = this.#get.get(key);
    return row === undefined ? undefined : { ...this.#toQueued(row), body: row["body"] as Uint8Array };
  }

  #toQueued(row: Record<string, unknown>): QueuedRow {
    const { sources, claims } = this.#parts;
    const { kind, name } = sources.get(Number(row["source"]));
    const key = Number(row["key"]);
    return {
      kind,
      name,
      key,
      itemType: row["type"] as QueuedRow["itemType"],
      acceptedAtMs: Number(row["accepted_at"]),
      attempt: Number(row["attempt"]),
      notBeforeMs: Number(row["not_before"]),
      isClaimed: claims.get(key) !== undefined,
      meta: String(row["meta"]),
    };
  }

  oldestAcceptedAtMs(): number | undefined {
    const row = this.#oldest.get();
    return row === undefined ? undefined : Number(row["accepted_at"]);
  }
}

function full(sources: SourceTable, limits: WorkerOptions): WireError {
  return {
    code: "INBOX_FULL",
    message: `the inbox holds ${sources.depth} items with ${sources.bytes} bytes; its limits are ${limits.maxDepth} items and ${limits.maxBytes} bytes`,
    // As `inboxFullError` has it: this thread loads nothing of the SDK.
    hint: `check why its items are not delivered${sources.depth < limits.maxDepth ? "" : ", or raise max_depth"}`,
    retryable: true,
  };
}
