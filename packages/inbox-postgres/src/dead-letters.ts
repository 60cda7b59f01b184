import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { type DeadLetter, type InboxStats, type KeyPage, keySteps, parseKey } from "@statewave-connectors/connector-sdk/inbox";
import type { Postgres, PostgresSession, QueryRow } from "@statewave-connectors/postgres-client";
import { toBossDatabase } from "./boss-database.ts";
import { decodeItem, type StoredItem } from "./encode-item.ts";
import type { ItemQueues } from "./item-queues.ts";
import { toJobId } from "./job-name.ts";

/** What is to be buried. */
export interface Burial {
  readonly source: SourceKey;
  readonly stored: StoredItem;
  readonly bodyBytes: number;
  /** What makes two burials the same letter. */
  readonly letterKey: string | undefined;
  readonly reason: string;
}

/**
 * Letters, in a table of ours beside pg-boss's: its own dead-letter queue knows no "the first reason stays", and nothing there may be
 * deleted by age.
 */
export class DeadLetters {
  readonly #table: string;
  readonly #postgres: Postgres;
  readonly #queues: ItemQueues;

  /** @param schema pg-boss's, quoted. */
  constructor(schema: string, postgres: Postgres, queues: ItemQueues) {
    this.#table = `${schema}.dead_letters`;
    this.#postgres = postgres;
    this.#queues = queues;
  }

  /** What creates the table where it is missing. */
  static creation(schema: string): string {
    return `
      CREATE TABLE IF NOT EXISTS ${schema}.dead_letters (
        key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL,
        name text NOT NULL,
        type text NOT NULL,
        reason text NOT NULL,
        buried_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        episode_key text UNIQUE,
        body_bytes bigint NOT NULL,
        item jsonb NOT NULL
      )`;
  }

  /** An episode or a failed item that lies there already stays as it is, with its first reason. */
  async bury({ source, stored, bodyBytes, letterKey, reason }: Burial, session: PostgresSession = this.#postgres): Promise<void> {
    await session.query(
      `INSERT INTO ${this.#table} (kind, name, type, reason, episode_key, body_bytes, item)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (episode_key) DO NOTHING`,
      // As JSON text: a reason may hold what Postgres keeps in no text.
      [source.kind, source.name, stored.type, JSON.stringify(reason), letterKey, bodyBytes, JSON.stringify(stored)],
    );
  }

  /** Commits a letter that no reader sees: the same transaction deletes it. */
  async probeWrite(): Promise<void> {
    await this.#postgres.transaction(async (session) => {
      const [row] = await session.query(
        `INSERT INTO ${this.#table} (kind, name, type, reason, body_bytes, item) VALUES ('', '', 'event', '""', 0, '{}') RETURNING key`,
      );
      await session.query(`DELETE FROM ${this.#table} WHERE key = $1`, [row?.["key"]]);
    });
  }

  async list({ source, limit, after }: KeyPage): Promise<readonly DeadLetter[]> {
    const rows = await this.#postgres.query(
      `SELECT key, kind, name, type, reason, ${buriedAtMs} FROM ${this.#table}
       WHERE key > $1::bigint AND ($2::text IS NULL OR (kind = $2 AND name = $3)) ORDER BY key LIMIT $4`,
      [String(after), source?.kind, source?.name, limit],
    );
    return rows.map(toLetter);
  }

  async get(key: string): Promise<DeadLetter | undefined> {
    const number = parseKey(key);
    if (number === undefined) return undefined;
    const [row] = await this.#postgres.query(`SELECT *, ${buriedAtMs} FROM ${this.#table} WHERE key = $1::bigint`, [number]);
    if (row === undefined) return undefined;
    const letter = toLetter(row);
    return { ...letter, item: decodeItem(letter.source, row["item"] as StoredItem) };
  }

  /** Moves letters back to their queues, each step in one transaction; reports each source that got some. */
  async retry(keys: readonly string[], onMoved: (source: SourceKey, bodyBytes: number) => void): Promise<number> {
    let total = 0;
    for (const step of keySteps(keys)) {
      const moved = await this.#retryStep(step);
      for (const { source, bodyBytes } of moved) onMoved(source, bodyBytes);
      total += moved.length;
    }
    return total;
  }

  async discard(keys: readonly string[]): Promise<number> {
    let total = 0;
    for (const step of keySteps(keys)) {
      const rows = await this.#postgres.query(`DELETE FROM ${this.#table} WHERE key = ANY($1::bigint[]) RETURNING 1`, [step]);
      total += rows.length;
    }
    return total;
  }

  async count(): Promise<InboxStats["deadLetters"]> {
    const rows = await this.#postgres.query(
      `SELECT kind, name, ${letterTypeOf} AS type, count(*) AS count FROM ${this.#table} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    );
    return rows.map((row) => ({
      source: { kind: String(row["kind"]), name: String(row["name"]) },
      type: toLetterType(row["type"]),
      count: Number(row["count"]),
    }));
  }

  async #retryStep(keys: readonly number[]): Promise<readonly Pick<Burial, "source" | "bodyBytes">[]> {
    // Queues first: making one takes a connection of its own.
    const sources = await this.#postgres.query(`SELECT DISTINCT kind, name FROM ${this.#table} WHERE key = ANY($1::bigint[])`, [
      keys,
    ]);
    const queueNames = new Map<string, string>();
    for (const row of sources) {
      const source = { kind: String(row["kind"]), name: String(row["name"]) };
      queueNames.set(`${source.kind}/${source.name}`, await this.#queues.ensure(source));
    }
    return this.#postgres.transaction(async (session) => {
      const rows = await session.query(`DELETE FROM ${this.#table} WHERE key = ANY($1::bigint[]) RETURNING *`, [keys]);
      const moved = rows.map((row) => ({
        source: { kind: String(row["kind"]), name: String(row["name"]) },
        stored: row["item"] as StoredItem,
        bodyBytes: Number(row["body_bytes"]),
      }));
      for (const [sourceKey, group] of Map.groupBy(moved, ({ source }) => `${source.kind}/${source.name}`)) {
        // With a new id: the event's own is remembered, it would count as a duplicate.
        const jobs = group.map(({ source, stored, bodyBytes }) => ({
          id: toJobId(source, undefined),
          stored,
          bodyBytes,
          hasEventId: false,
        }));
        await this.#queues.insert(queueNames.get(sourceKey)!, jobs, toBossDatabase(session));
      }
      return moved;
    });
  }
}

/** Bounds the groups: a trigger counts as an event. */
const letterTypeOf = "CASE WHEN type IN ('episode', 'item') THEN type ELSE 'event' END";
const buriedAtMs = "floor(extract(epoch FROM buried_at) * 1000)::bigint AS buried_at_ms";

function toLetter(row: QueryRow): DeadLetter {
  return {
    key: String(row["key"]),
    source: { kind: String(row["kind"]), name: String(row["name"]) },
    type: toLetterType(row["type"]),
    reason: JSON.parse(String(row["reason"])) as string,
    buriedAtMs: Number(row["buried_at_ms"]),
  };
}

function toLetterType(type: unknown): DeadLetter["type"] {
  return type === "episode" || type === "item" ? type : "event";
}
