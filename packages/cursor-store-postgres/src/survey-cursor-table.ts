import { ConnectorsError, type Logger, type Secret } from "@statewave-connectors/connector-sdk";
import { parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import {
  mostSurveyed,
  nothingStored,
  strangerName,
  type StoreSurvey,
  type SurveyedSource,
} from "@statewave-connectors/connector-sdk/store";
import { openPostgres, type PostgresSession, quoteTable, type QueryRow } from "@statewave-connectors/postgres-client";
import { readColumns, type TableName } from "./table-columns.ts";

interface SurveyedTable extends TableName {
  readonly url: Secret;
  readonly logger: Logger;
}

const answerWithinMs = 5_000;

/** What a table of cursors holds, looked at in a read-only transaction. Throws `STORE_TABLE_UNUSABLE` for another table. */
export async function surveyCursorTable({ url, logger, ...name }: SurveyedTable): Promise<StoreSurvey> {
  const postgres = await openPostgres({ area: "STORE", server: url, maxConnections: 1, timeoutMs: answerWithinMs, logger });
  try {
    return await postgres.transaction((session) => survey(session, quoteTable(name)), ["transaction_read_only = on"]);
  } finally {
    await postgres.close();
  }
}

async function survey(session: PostgresSession, quoted: string): Promise<StoreSurvey> {
  const columns = await readColumns(session, quoted);
  if (columns.size === 0) return nothingStored;
  const missing = ["kind", "name", "cursor", "updated_at"].filter((column) => !columns.has(column));
  if (missing.length > 0) throw unusable(quoted, missing);
  const place = await placeOf(session, quoted);
  // Only this project's runner has leases.
  if (columns.has("epoch")) return { place, format: "current", sources: [] };
  const rows = await session.query(
    `SELECT kind::text, name::text, octet_length(cursor::text)::float8 AS bytes,
       extract(epoch FROM updated_at)::float8 * 1000 AS updated_at_ms
     FROM ${quoted} WHERE cursor IS NOT NULL ORDER BY kind, name LIMIT ${mostSurveyed}`,
  );
  const strangers = rows.map(nameIn).filter((name) => parseSourceKey(name) === undefined);
  return { place, format: "earlier", sources: rows.flatMap(toSource), strangers: strangers.map(strangerName) };
}

/** The server by the moment of its start, whatever its address; the database and the table by their numbers. */
async function placeOf(session: PostgresSession, quoted: string): Promise<string> {
  const [row] = await session.query(
    `SELECT extract(epoch FROM pg_postmaster_start_time())::text AS server,
       (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())::text AS database,
       to_regclass($1)::oid::text AS relation`,
    [quoted],
  );
  return `postgres ${String(row?.["server"])}/${String(row?.["database"])}/${String(row?.["relation"])}`;
}

function nameIn(row: QueryRow): string {
  return `${String(row["kind"])}/${String(row["name"])}`;
}

function toSource(row: QueryRow): readonly SurveyedSource[] {
  const source = parseSourceKey(nameIn(row));
  if (source === undefined) return [];
  const updatedAtMs = Math.floor(Number(row["updated_at_ms"]));
  return [{ source, bytes: Number(row["bytes"]), ...(Number.isSafeInteger(updatedAtMs) && { updatedAtMs }) }];
}

function unusable(quoted: string, missing: readonly string[]): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_TABLE_UNUSABLE",
    message: `the table ${quoted} is not a table of cursors: ${missing.join(", ")} missing`,
    hint: "check `table` in the file that is moved from; nothing was changed",
  });
}
