import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { openPostgresPullCursorStore } from "@statewave-connectors/cursor-store-postgres";
import { openRedisPullCursorStore } from "@statewave-connectors/cursor-store-redis";
import { Redis } from "ioredis";
import { Pool } from "pg";

/** A state that several processes share, and what it costs its server. */
export interface SharedState {
  /** `[runner.state]`, with a schema or prefix of its own. */
  readonly toml: string;
  readonly store: CursorStore;
  /** How many statements the server has executed so far, and how many runs there were by the sum of the cursors, both of the same moment. */
  count(): Promise<{ readonly statements: number; readonly ticks: number }>;
  close(): Promise<void>;
}

export type SharedKind = "postgres" | "redis";

export function isSharedKind(kind: string | undefined): kind is SharedKind {
  return kind === "postgres" || kind === "redis";
}

export function openSharedState(kind: SharedKind, url: string): Promise<SharedState> {
  return kind === "postgres" ? openPostgresState(url) : openRedisState(url);
}

async function openPostgresState(url: string): Promise<SharedState> {
  const schema = `bench_${Date.now()}`;
  const pool = new Pool({ connectionString: url, max: 1 });
  // A throw-away server is stopped right after the pool has ended, which does not wait for its connections to be gone.
  pool.on("error", () => undefined);
  const store = await openPostgresPullCursorStore({ url, schema });
  return {
    toml: `[runner.state]\nkind = "postgres"\nurl = "${url}"\nschema = "${schema}"\n`,
    store,
    async count() {
      // Each of ours is a transaction of its own.
      const text = `SELECT xact_commit + xact_rollback AS statements, (SELECT sum(cursor::int) FROM ${schema}.statewave_runner_cursors) AS ticks
        FROM pg_stat_database WHERE datname = current_database()`;
      const { rows } = await pool.query<{ statements: string; ticks: string }>(text);
      return { statements: Number(rows[0]?.statements), ticks: Number(rows[0]?.ticks) };
    },
    async close() {
      await store.close();
      await pool.query(`DROP SCHEMA ${schema} CASCADE`);
      await pool.end();
    },
  };
}

function sumOf(numbers: readonly (string | undefined)[]): number {
  return numbers.reduce((total, number) => total + Number(number), 0);
}

async function openRedisState(url: string): Promise<SharedState> {
  const keyPrefix = `bench${Date.now()}:`;
  const client = new Redis(url);
  const store = await openRedisPullCursorStore({ url, keyPrefix });
  return {
    toml: `[runner.state]\nkind = "redis"\nurl = "${url}"\nkey_prefix = "${keyPrefix}"\n`,
    store,
    async count() {
      const [stats, cursors] = await Promise.all([client.info("commandstats"), client.hvals(`${keyPrefix}cursors`)]);
      const calls = [...stats.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)];
      return { statements: sumOf(calls.map(([, count]) => count)), ticks: sumOf(cursors) };
    },
    async close() {
      await store.close();
      await client.del(`${keyPrefix}cursors`, `${keyPrefix}leases`);
      client.disconnect();
    },
  };
}
