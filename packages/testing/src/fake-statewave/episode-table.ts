import { randomUUID } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import type { RowLock } from "./open-batches.ts";
import { toStoredTime } from "./stored-time.ts";
import { maxKeyLength, type ValidEpisode } from "./validate-body.ts";

/** A stored row as the API echoes it: the key is not part of it. */
export interface EpisodeRow extends Omit<ValidEpisode, "idempotency_key" | "occurred_at"> {
  readonly id: string;
  readonly occurred_at: string;
  readonly created_at: string;
}

/** What the table remembers: whole rows, only the keys (for deduplication), or nothing but counts (memory stays flat). */
export type Keep = "all" | "keys" | "none";

/** A row as the fake shows it to tests. */
export interface StoredEpisode extends EpisodeRow {
  readonly idempotency_key: string | null;
  readonly tenant_id: string | null;
}

interface Known {
  readonly id: string;
  readonly createdAt: string;
  /** With `keep: "all"` only. */
  readonly row: StoredEpisode | undefined;
}

export interface EpisodeTableOptions {
  readonly keep: Keep;
  /** A file that gets a JSON line per new row before the request is answered; it outlives a killed process. */
  readonly logPath: string | undefined;
  /** Whether the release has the unique index. */
  readonly recognisesKeys: boolean;
  /** Called with each new row. */
  readonly onStored: (row: StoredEpisode) => void;
}

/**
 * The episodes table with its unique index over (tenant, subject, key): the first write wins, a duplicate gets the existing row back.
 * No key, no deduplication. A batch is one transaction.
 */
export class EpisodeTable {
  stored = 0;
  duplicates = 0;
  readonly #keep: Keep;
  readonly #recognisesKeys: boolean;
  readonly #logFd: number | undefined;
  readonly #onStored: (row: StoredEpisode) => void;
  readonly #known = new Map<string, Known>();
  readonly #rows: StoredEpisode[] = [];

  constructor({ keep, logPath, recognisesKeys, onStored }: EpisodeTableOptions) {
    this.#keep = keep;
    this.#onStored = onStored;
    this.#recognisesKeys = recognisesKeys;
    this.#logFd = logPath === undefined ? undefined : openSync(logPath, "a");
  }

  get rows(): readonly StoredEpisode[] {
    return this.#rows;
  }

  /** Stores a batch, or undefined when the database would throw at one of its rows: then nothing of it is stored. */
  insert(episodes: readonly ValidEpisode[], tenantId: string | null, createdAt: string): EpisodeRow[] | undefined {
    const keys = episodes.map((episode) => this.#keyOf(episode));
    if (keys.includes(unstorableKey)) return undefined;
    if (episodes.some(({ occurred_at: at }) => at !== null && toStoredTime(at) === undefined)) return undefined;
    const lines: string[] = [];
    const answer = episodes.map((episode, index) => {
      const key = keys[index] as string | null;
      const scope = scopeOf(tenantId, episode, key);
      const known = scope === undefined ? undefined : this.#known.get(scope);
      if (known !== undefined) {
        this.duplicates += 1;
        return known.row === undefined ? toRow(episode, known.id, known.createdAt) : withoutKey(known.row);
      }
      const row = toRow(episode, randomUUID(), createdAt);
      const storedTime = toStoredTime(row.occurred_at) ?? createdAt;
      this.#remember({ ...row, occurred_at: storedTime, idempotency_key: key, tenant_id: tenantId }, scope, lines);
      return row;
    });
    if (this.#logFd !== undefined && lines.length > 0) writeSync(this.#logFd, lines.join(""));
    return answer;
  }

  /** The rows that inserting these locks until the commit: those with a key that is not stored yet. */
  locksOf(episodes: readonly ValidEpisode[], tenantId: string | null): readonly RowLock[] {
    return episodes.flatMap((episode) => {
      const scope = scopeOf(tenantId, episode, this.#keyOf(episode));
      return scope === undefined || this.#known.has(scope) ? [] : [scope];
    });
  }

  /** Deletes a subject's rows with their keys; answers how many. */
  forget(tenantId: string | null, subjectId: string): number {
    const { length } = this.#rows;
    for (let at = length - 1; at >= 0; at -= 1) {
      const row = this.#rows[at];
      if (row?.subject_id === subjectId && row.tenant_id === tenantId) this.#rows.splice(at, 1);
    }
    const scopes = JSON.stringify([tenantId, subjectId]).slice(0, -1);
    for (const key of this.#known.keys()) if (key.startsWith(`${scopes},`)) this.#known.delete(key);
    return length - this.#rows.length;
  }

  close(): void {
    if (this.#logFd !== undefined) closeSync(this.#logFd);
  }

  /** Falls back to where connectors used to put the key, before it was a field. */
  #keyOf({ idempotency_key: key, metadata }: ValidEpisode): Key {
    if (!this.#recognisesKeys) return null;
    const found: unknown = key ?? Reflect.get(metadata, "idempotency_key") ?? null;
    if (found === null) return null;
    return typeof found === "string" && found.length <= maxKeyLength ? found : unstorableKey;
  }

  #remember(row: StoredEpisode, scope: string | undefined, lines: string[]): void {
    this.stored += 1;
    this.#onStored(row);
    if (this.#keep === "all") this.#rows.push(row);
    if (this.#keep !== "none" && scope !== undefined) {
      this.#known.set(scope, { id: row.id, createdAt: row.created_at, row: this.#keep === "all" ? row : undefined });
    }
    if (this.#logFd !== undefined) lines.push(`${JSON.stringify(row)}\n`);
  }
}

const unstorableKey: unique symbol = Symbol("unstorable");
type Key = string | null | typeof unstorableKey;

/** The row's entry in the unique index; without a key there is none. */
function scopeOf(tenantId: string | null, { subject_id: subject }: ValidEpisode, key: Key): RowLock | undefined {
  return typeof key === "string" ? JSON.stringify([tenantId, subject, key]) : undefined;
}

function toRow({ idempotency_key: _key, ...episode }: ValidEpisode, id: string, createdAt: string): EpisodeRow {
  return { id, ...episode, occurred_at: episode.occurred_at ?? createdAt, created_at: createdAt };
}

/** The first instant of the calendar is what a driver reads `-infinity` as. */
function withoutKey({ idempotency_key: _key, tenant_id: _tenant, ...row }: StoredEpisode): EpisodeRow {
  return row.occurred_at === "-infinity" ? { ...row, occurred_at: "0001-01-01T00:00:00" } : row;
}
