import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { BuryOperation, LetterRow, ListLettersOperation, StoredItem } from "./protocol.ts";
import type { SourceCounters, SourceTable } from "./source-table.ts";

/** What can never be delivered as it is. An episode or a failed item lies here at most once: its first reason stays. */
export class DeadLetters {
  readonly #sources: SourceTable;
  readonly #insert: StatementSync;
  readonly #moveFromItems: StatementSync;
  readonly #moveToItems: StatementSync;
  readonly #delete: StatementSync;
  readonly #get: StatementSync;
  readonly #list: StatementSync;
  readonly #listOfSource: StatementSync;

  constructor(database: DatabaseSync, sources: SourceTable) {
    this.#sources = sources;
    const columns = "(source, buried_at, type, reason, bytes, episode_hash, meta, body)";
    this.#insert = database.prepare(
      `INSERT INTO dead_letters ${columns} VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (episode_hash) DO NOTHING`,
    );
    this.#moveFromItems = database.prepare(
      `INSERT INTO dead_letters ${columns}
       SELECT source, ?, type, ?, bytes, episode_hash, meta, body FROM items WHERE key = ?
       ON CONFLICT (episode_hash) DO NOTHING RETURNING type`,
    );
    this.#moveToItems = database.prepare(
      `INSERT INTO items (source, not_before, attempt, accepted_at, type, bytes, episode_hash, meta, body)
       SELECT source, 0, 0, ?, type, bytes, episode_hash, meta, body FROM dead_letters WHERE key = ?`,
    );
    this.#delete = database.prepare("DELETE FROM dead_letters WHERE key = ? RETURNING source, type, bytes");
    this.#get = database.prepare("SELECT * FROM dead_letters WHERE key = ?");
    const listed = "SELECT key, source, type, reason, buried_at FROM dead_letters";
    this.#list = database.prepare(`${listed} WHERE key > ? ORDER BY key LIMIT ?`);
    this.#listOfSource = database.prepare(`${listed} WHERE source = ? AND key > ? ORDER BY key LIMIT ?`);
  }

  bury(operation: BuryOperation, body: Uint8Array, nowMs: number): void {
    const { itemType, reason, bodyBytes, letterHash, meta } = operation;
    const source = this.#sources.findOrAdd(operation);
    const { changes } = this.#insert.run(source.id, nowMs, itemType, JSON.stringify(reason), bodyBytes, letterHash, meta, body);
    this.#sources.countLetters(source, itemType, Number(changes));
  }

  /** Copies a claimed row of `items` to the dead letters. The caller deletes the row. */
  buryClaimed(source: SourceCounters, key: number, reason: string, nowMs: number): void {
    const letter = this.#moveFromItems.get(nowMs, JSON.stringify(reason), key);
    if (letter !== undefined) this.#sources.countLetters(source, letter["type"], 1);
  }

  retry(keys: readonly number[], nowMs: number): number {
    return keys.filter((key) => {
      if (this.#moveToItems.run(nowMs, key).changes === 0) return false;
      const { source, bytes } = this.#remove(key)!;
      this.#sources.addItem(source, bytes);
      return true;
    }).length;
  }

  discard(keys: readonly number[]): number {
    return keys.filter((key) => this.#remove(key) !== undefined).length;
  }

  get(key: number): LetterRow | undefined {
    const row = this.#get.get(key);
    return row === undefined ? undefined : { ...this.#toLetter(row), meta: String(row["meta"]), body: row["body"] as Uint8Array };
  }

  list({ source, afterKey, limit }: ListLettersOperation): readonly LetterRow[] {
    if (source === undefined) return this.#list.all(afterKey, limit).map((row) => this.#toLetter(row));
    const known = this.#sources.find(source);
    return known === undefined ? [] : this.#listOfSource.all(known.id, afterKey, limit).map((row) => this.#toLetter(row));
  }

  #remove(key: number): { readonly source: SourceCounters; readonly bytes: number } | undefined {
    const row = this.#delete.get(key);
    if (row === undefined) return undefined;
    const source = this.#sources.get(Number(row["source"]));
    this.#sources.countLetters(source, row["type"], -1);
    return { source, bytes: Number(row["bytes"]) };
  }

  #toLetter(row: Record<string, unknown>): LetterRow {
    const { kind, name } = this.#sources.get(Number(row["source"]));
    return {
      kind,
      name,
      key: Number(row["key"]),
      itemType: row["type"] as StoredItem["itemType"],
      reason: String(row["reason"]),
      buriedAtMs: Number(row["buried_at"]),
    };
  }
}
