import { ConnectorsError, type Logger, type Secret, type SourceKey } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { checkOptions } from "@statewave-connectors/connector-sdk/options";
import type {
  AcquireLimit,
  AcquireRequest,
  AcquireResult,
  CursorStore,
  Lease,
  ReleaseOutcome,
  SourceState,
} from "@statewave-connectors/connector-sdk/store";
import {
  openPostgres,
  type Postgres,
  type PostgresPool,
  quoteTable,
  readDurability,
} from "@statewave-connectors/postgres-client";
import * as v from "valibot";
import { postgresStoreOptions } from "./options.ts";
import { PostgresRecords } from "./postgres-records.ts";
import { recordsTableOf } from "./prepare-records.ts";
import { explainRefusal, prepareTable } from "./prepare-table.ts";
import { statementsOn } from "./statements.ts";
import { toAcquireResult, toSourceState } from "./to-result.ts";

export interface PostgresPullCursorStoreOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url?: string | Secret | undefined;
  /** A `pg` pool of your own instead of a url; it is not closed by the store. */
  readonly pool?: PostgresPool | undefined;
  /** Default `statewave_runner_cursors`. */
  readonly table?: string | undefined;
  /** Default: where the server's `search_path` leads. */
  readonly schema?: string | undefined;
  /** Refuse a server whose settings let a crash lose what it committed. Default: warn. */
  readonly requireDurable?: boolean | undefined;
  /**
   * How long the server may take to connect and to answer; then `STORE_UNAVAILABLE`. Default 5,000: within a lease's time there is room
   * for another try. An injected pool has its own.
   */
  readonly timeoutMs?: number | undefined;
  /** Default: silent. */
  readonly logger?: Logger | undefined;
}

/** How often a claim is repeated that another process took meanwhile; then it counts as busy. */
const maxRounds = 5;
const maxConnections = 5;

/**
 * Opens cursors, leases and records in two Postgres tables, shared by any number of processes. The server's clock decides. Missing tables
 * are made, and one that an older runner made gets the columns it lacks.
 *
 * @throws ConnectorsError `STORE_UNAVAILABLE` (retryable) when the server cannot be reached; `STORE_ACCESS_DENIED`,
 * `STORE_TABLE_UNUSABLE`, `STORE_OPTION_INVALID`, `STORE_NOT_DURABLE` or `STORE_DRIVER_MISSING` when a person has to act.
 * @example
 * const store = await openPostgresPullCursorStore({ url: process.env.DATABASE_URL });
 */
export async function openPostgresPullCursorStore(options: PostgresPullCursorStoreOptions): Promise<CursorStore> {
  const { pool, timeoutMs = 5_000, logger = silentLogger } = options;
  const given = { url: options.url, table: options.table, schema: options.schema, require_durable: options.requireDurable };
  // With a pool of the caller's own there is nothing to connect to.
  const config = pool === undefined ? postgresStoreOptions : v.partial(postgresStoreOptions, ["url"]);
  const { url, table, schema, require_durable: required } = await checkOptions("STORE", config, given);
  const postgres = await openPostgres({ area: "STORE", server: pool ?? url!, maxConnections, timeoutMs, logger });
  try {
    const { durability } = await readDurability(postgres, { area: "STORE", required, logger });
    await prepareTable(postgres, { schema, table });
    const records = new PostgresRecords(postgres, quoteTable(recordsTableOf({ schema, table })));
    const store = new PostgresCursorStore(postgres, { table: quoteTable({ schema, table }), records, durability });
    // Plans the statements that need most of the tables: missing rights or a missing key show now and not at the first run.
    await store.probe().catch(async (error: unknown) => {
      throw await explainRefusal(postgres, { schema, table }, error);
    });
    return store;
  } catch (error) {
    await postgres.close();
    throw error;
  }
}

interface PostgresStoreParts {
  readonly table: string;
  readonly records: PostgresRecords;
  readonly durability: string;
}

class PostgresCursorStore implements CursorStore {
  readonly durability: string;
  readonly records: PostgresRecords;
  readonly #postgres: Postgres;
  readonly #sql: ReturnType<typeof statementsOn>;

  constructor(postgres: Postgres, { table, records, durability }: PostgresStoreParts) {
    this.#postgres = postgres;
    this.#sql = statementsOn(table);
    this.records = records;
    this.durability = durability;
  }

  get certificateExpiresAtMs(): number | undefined {
    return this.#postgres.certificateExpiresAtMs;
  }

  async probe(): Promise<void> {
    await this.#claim([]);
    await this.records.probe();
  }

  async get({ kind, name }: SourceKey): Promise<string | undefined> {
    const [row] = await this.#postgres.query(this.#sql.get, [kind, name]);
    return (row?.["cursor"] as string | null | undefined) ?? undefined;
  }

  async set({ kind, name }: SourceKey, cursor: string): Promise<void> {
    await this.#postgres.query(this.#sql.set, [kind, name, storable(cursor)]);
  }

  async delete({ kind, name }: SourceKey): Promise<boolean> {
    const [row] = await this.#postgres.query(this.#sql.delete, [kind, name]);
    return row?.["had_one"] === true;
  }

  async list(): Promise<readonly SourceState[]> {
    const rows = await this.#postgres.query(this.#sql.list);
    return rows.map(toSourceState);
  }

  async acquire(requests: readonly AcquireRequest[], limit?: AcquireLimit): Promise<readonly AcquireResult[]> {
    const results = await this.#claim(requests, limit?.atMost);
    // A caller with a limit claims the rest again itself, so one statement is enough.
    const rounds = limit === undefined ? maxRounds : 1;
    for (let round = 2; round <= rounds && results.includes(undefined); round += 1) {
      const open = results.flatMap((result, index) => (result === undefined ? [index] : []));
      // What was granted so far must reach the caller, so that from here on a failure is only an answer that is still missing.
      const left = requests.filter((_, index) => results[index] === undefined);
      const again = await this.#claim(left).catch(() => []);
      for (const [place, index] of open.entries()) results[index] = again[place];
    }
    return results.map((result) => result ?? { granted: false, reason: "busy", retryInMs: 0 });
  }

  async renew(leases: readonly Lease[], ttlMs: number): Promise<readonly boolean[]> {
    const rows = await this.#postgres.query(this.#sql.renew, [
      leases.map(({ source }) => source.kind),
      leases.map(({ source }) => source.name),
      leases.map(({ epoch }) => epoch),
      Math.ceil(ttlMs),
    ]);
    return rows.map((row) => row["held"] === true);
  }

  async checkpoint(lease: Lease, cursor: string): Promise<boolean> {
    return this.#whileCurrent(this.#sql.checkpoint, lease, storable(cursor));
  }

  async release(lease: Lease, outcome: ReleaseOutcome): Promise<boolean> {
    if (outcome.type === "done") return this.#whileCurrent(this.#sql.finish, lease);
    return this.#whileCurrent(this.#sql.leave, lease, Math.ceil(outcome.resumeInMs));
  }

  close(): Promise<void> {
    return this.#postgres.close();
  }

  /** Runs a statement that takes effect while the epoch of the lease is current; resolves with whether it did. */
  async #whileCurrent(statement: string, { source, epoch }: Lease, ...values: unknown[]): Promise<boolean> {
    const rows = await this.#postgres.query(statement, [source.kind, source.name, epoch, ...values]);
    return rows.length > 0;
  }

  /** Undefined for a claim that another process took in between. */
  async #claim(requests: readonly AcquireRequest[], atMost?: number): Promise<(AcquireResult | undefined)[]> {
    const rows = await this.#postgres.query(this.#sql.acquire, [
      requests.map(({ source }) => source.kind),
      requests.map(({ source }) => source.name),
      requests.map(({ dueMs }) => dueMs),
      requests.map(({ owner }) => owner),
      requests.map(({ ttlMs }) => Math.ceil(ttlMs)),
      atMost,
    ]);
    return requests.map((request, index) => {
      const row = rows[index];
      return row === undefined ? undefined : toAcquireResult(request, row);
    });
  }
}

/** Postgres keeps no NUL in a text, and half a surrogate pair would arrive as something else. JSON escapes both. */
function storable(cursor: string): string {
  if (!cursor.includes("\0") && cursor.isWellFormed()) return cursor;
  throw new ConnectorsError({
    code: "STORE_CURSOR_UNSTORABLE",
    message: "a cursor with a NUL character or half a surrogate pair cannot be stored in Postgres",
    hint: "let the connector write its cursor with JSON.stringify, which escapes them",
  });
}
