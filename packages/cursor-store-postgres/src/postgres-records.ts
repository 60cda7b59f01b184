import {
  checkRecordName,
  checkRecordQuery,
  checkRecordWrite,
  checkScope,
  recordLimits,
  type RecordQuery,
  type RecordWrite,
  type RecordWriteResult,
  scopeFull,
  type StoreRecord,
  type StoreRecords,
} from "@statewave-connectors/connector-sdk/store";
import type { Postgres, QueryRow } from "@statewave-connectors/postgres-client";
import { recordStatementsOn } from "./record-statements.ts";
import { ScopeRoom } from "./scope-room.ts";

/** One write in so many looks for expired records, and removes more of them than were written meanwhile. */
const writesPerPurge = 16;
const rowsPerPurge = 100;

/** Records in a table of their own beside the cursors, which earlier releases do not touch. */
export class PostgresRecords implements StoreRecords {
  readonly #postgres: Postgres;
  readonly #sql: ReturnType<typeof recordStatementsOn>;
  readonly #room = new ScopeRoom();
  #writes = 0;

  constructor(postgres: Postgres, table: string) {
    this.#postgres = postgres;
    this.#sql = recordStatementsOn(table);
  }

  /** Plans the statements that need most of the table, and changes nothing: missing rights show at the start. */
  async probe(): Promise<void> {
    await this.#postgres.query(this.#sql.replace, ["", "", "", null, 0]);
    await this.#postgres.query(this.#sql.create, ["", "", "", null, 0]);
    await this.#postgres.query(this.#sql.remove, ["", "", 0]);
  }

  async get(scope: string, key: string): Promise<StoreRecord | undefined> {
    checkRecordName(scope, key);
    const [row] = await this.#postgres.query(this.#sql.get, [scope, key]);
    return row === undefined ? undefined : toRecord(scope, row);
  }

  async compareAndSet(write: RecordWrite): Promise<RecordWriteResult> {
    checkRecordWrite(write);
    const result = await this.#write(write);
    if (this.#writes % writesPerPurge === 0) await this.#purge();
    this.#writes += 1;
    return result;
  }

  async list(scope: string, query?: RecordQuery): Promise<readonly StoreRecord[]> {
    checkScope(scope);
    const { prefix, after, limit } = checkRecordQuery(query);
    const rows = await this.#postgres.query(this.#sql.list, [scope, beginningWith(prefix), after, limit]);
    return rows.map((row) => toRecord(scope, row));
  }

  async scopes(query?: RecordQuery): Promise<readonly string[]> {
    const { prefix, after, limit } = checkRecordQuery(query);
    const rows = await this.#postgres.query(this.#sql.scopes, [beginningWith(prefix), after, limit]);
    return rows.map((row) => String(row["scope"]));
  }

  async #write(write: RecordWrite): Promise<RecordWriteResult> {
    const { scope, key, value, expectedVersion } = write;
    const row = expectedVersion === 0 ? await this.#create(write) : await this.#change(write);
    const version = row?.["version"] ?? undefined;
    if (version !== undefined) return { stored: true, version: value === undefined ? 0 : Number(version) };
    const current = await this.get(scope, key);
    if (current !== undefined) return { stored: false, current };
    if (row?.["is_free"] === false) throw scopeFull(scope);
    return { stored: false };
  }

  async #create({ scope, key, value, ttlMs }: RecordWrite): Promise<QueryRow | undefined> {
    const limit = this.#room.needsCount(scope) ? recordLimits.perScope : null;
    const [row] = await this.#postgres.query(this.#sql.create, [scope, key, value, wholeMs(ttlMs), limit]);
    if (limit !== null) this.#room.counted(scope, Number(row?.["used"]));
    return row;
  }

  async #change({ scope, key, value, expectedVersion, ttlMs }: RecordWrite): Promise<QueryRow | undefined> {
    const { replace, remove } = this.#sql;
    const [row] =
      value === undefined
        ? await this.#postgres.query(remove, [scope, key, expectedVersion])
        : await this.#postgres.query(replace, [scope, key, value, wholeMs(ttlMs), expectedVersion]);
    return row;
  }

  /** The write before it is stored: its outcome must reach the caller, and the next purge makes up for this one. */
  async #purge(): Promise<void> {
    await this.#postgres.query(this.#sql.purge, [rowsPerPurge]).catch(() => undefined);
  }
}

function wholeMs(ttlMs: number | undefined): number | null {
  return ttlMs === undefined ? null : Math.ceil(ttlMs);
}

function toRecord(scope: string, row: QueryRow): StoreRecord {
  const expiresAtMs = row["expires_at_ms"];
  return {
    scope,
    key: String(row["key"]),
    value: String(row["value"]),
    version: Number(row["version"]),
    ...(expiresAtMs === null ? {} : { expiresAtMs: Number(expiresAtMs) }),
  };
}

/** A pattern for LIKE. */
function beginningWith(prefix: string): string {
  return `${prefix.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
