import type { DatabaseSync, StatementSync } from "node:sqlite";
import { hash } from "node:crypto";
import { furthestAheadMs } from "./furthest-ahead.ts";
import type { SourceKey } from "@statewave-connectors/connector-sdk";

/** The ids accepted within the dedup window. Kept as hashes: ids may be long and hold anything. */
export class SeenIds {
  readonly #windowMs: number;
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #delete: StatementSync;
  readonly #oldest: StatementSync;
  readonly #deleteUpTo: StatementSync;

  constructor(database: DatabaseSync, windowMs: number) {
    this.#windowMs = windowMs;
    this.#insert = database.prepare("INSERT INTO seen (hash, accepted_at) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING");
    this.#find = database.prepare("SELECT seq, accepted_at FROM seen WHERE hash = ?");
    this.#delete = database.prepare("DELETE FROM seen WHERE seq = ?");
    this.#oldest = database.prepare("SELECT seq, accepted_at FROM seen ORDER BY seq LIMIT ?");
    this.#deleteUpTo = database.prepare("DELETE FROM seen WHERE seq <= ?");
  }

  has(idHash: Uint8Array, nowMs: number): boolean {
    const row = this.#find.get(idHash);
    return row !== undefined && !this.#isExpired(row, nowMs);
  }

  /** Answers whether it was new. */
  add(idHash: Uint8Array, nowMs: number): boolean {
    if (this.#insert.run(idHash, nowMs).changes === 1) return true;
    const row = this.#find.get(idHash);
    if (row === undefined || !this.#isExpired(row, nowMs)) return false;
    this.#delete.run(Number(row["seq"]));
    this.#insert.run(idHash, nowMs);
    return true;
  }

  /** Forgets expired ids, oldest first, at most `limit`. */
  purge(limit: number, nowMs: number): void {
    let lastExpired: number | undefined;
    for (const row of this.#oldest.iterate(limit)) {
      if (!this.#isExpired(row, nowMs)) break;
      lastExpired = Number(row["seq"]);
    }
    if (lastExpired !== undefined) this.#deleteUpTo.run(lastExpired);
  }

  #isExpired(row: Record<string, unknown>, nowMs: number): boolean {
    const agoMs = nowMs - Number(row["accepted_at"]);
    return agoMs >= this.#windowMs || agoMs < -furthestAheadMs;
  }
}

/** JSON keeps apart what UTF-8 would not: lone surrogates. A source's name holds no space. */
export function hashId(source: SourceKey, id: string): Uint8Array {
  return hash("sha256", `${source.kind}/${source.name} ${JSON.stringify(id)}`, "buffer").subarray(0, 16);
}
