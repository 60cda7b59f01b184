import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type Postgres, type PostgresSession, quoteIdentifier, quoteTable } from "@statewave-connectors/postgres-client";
import { cursorTableRights, readMissingRights, recordTableRights } from "./missing-rights.ts";
import { createRecordsTable, missingRecordSteps, recordsTableOf } from "./prepare-records.ts";
import { type Column, readColumns, type TableName } from "./table-columns.ts";

/** The columns beside the cursor. Names and types; all may be missing in a table that an older runner made. */
const leaseColumns = {
  epoch: "bigint NOT NULL DEFAULT 0",
  finished_due_ms: "bigint",
  open_due_ms: "bigint",
  resume_at_ms: "bigint",
  lease_owner: "text",
  lease_due_ms: "bigint",
  lease_until_ms: "bigint",
  lease_resumed: "boolean NOT NULL DEFAULT false",
} as const;

/** "swcu": must not collide with another program's advisory lock. */
const migrationLock = 0x73776375;

/**
 * Makes the tables of cursors and records, or adds what an older runner's lack. Tables that are as they should be are only looked at:
 * that needs no rights but those of daily work, and no lock. Any number of processes may do this at the same time.
 *
 * Throws `STORE_TABLE_UNUSABLE` for a table of another shape, `STORE_ACCESS_DENIED` with the statements to run when the rights do not
 * suffice.
 */
export async function prepareTable(postgres: Postgres, name: TableName): Promise<void> {
  try {
    if ((await missingSteps(postgres, name)).length === 0) return;
    await postgres.transaction(async (session) => {
      // Until the end of this transaction: several processes that start at once take turns.
      await session.query("SELECT pg_advisory_xact_lock($1)", [migrationLock]);
      for (const step of await missingSteps(session, name)) await session.query(step);
    });
  } catch (error) {
    throw await explainRefusal(postgres, name, error);
  }
}

/** A refusal of the server, with the statements that a permitted role can run; any other error as it is. */
export async function explainRefusal(postgres: Postgres, name: TableName, error: unknown): Promise<unknown> {
  if (!isConnectorsError(error, "STORE_ACCESS_DENIED")) return error;
  const cursors = await readMissingRights(postgres, name, cursorTableRights);
  const records = await readMissingRights(postgres, recordsTableOf(name), recordTableRights);
  const { role, schema, hasSchema } = cursors;
  // Without the right to use the schema the tables cannot be looked at either.
  const steps = await missingSteps(postgres, name).catch(() => [
    ...(cursors.hasTable ? [] : [createTable(quoteTable(name))]),
    ...(records.hasTable ? [] : createRecordsTable(name)),
  ]);
  const grants = new Set([...cursors.grants, ...records.grants]);
  // In a schema of its own the role makes everything itself.
  const statements = hasSchema ? [...steps, ...grants] : [`CREATE SCHEMA ${schema} AUTHORIZATION ${role}`];
  if (statements.length === 0) return error;
  return new ConnectorsError({
    code: "STORE_ACCESS_DENIED",
    message: `${error.message}; the tables of the cursors and records are not as the role ${role} needs them`,
    hint: `Let its owner run: ${statements.map((statement) => `${statement.replaceAll(/\s+/g, " ")};`).join(" ")}`,
    cause: error,
  });
}

async function missingSteps(session: PostgresSession, name: TableName): Promise<readonly string[]> {
  return [...(await missingCursorSteps(session, name)), ...(await missingRecordSteps(session, name))];
}

async function missingCursorSteps(session: PostgresSession, name: TableName): Promise<readonly string[]> {
  const quoted = quoteTable(name);
  const columns = await readColumns(session, quoted);
  if (columns.size === 0) return [...(await schemaSteps(session, name)), createTable(quoted)];
  assertUsable(quoted, columns);
  const added = Object.entries(leaseColumns).filter(([column]) => !columns.has(column));
  const steps = added.map(([column, type]) => `ALTER TABLE ${quoted} ADD COLUMN IF NOT EXISTS ${column} ${type}`);
  // A source has a row before it has a cursor: it was claimed, or its cursor was deleted.
  if (columns.get("cursor")?.isRequired === true) steps.push(`ALTER TABLE ${quoted} ALTER COLUMN cursor DROP NOT NULL`);
  return steps;
}

async function schemaSteps(session: PostgresSession, { schema }: TableName): Promise<readonly string[]> {
  if (schema === undefined) return [];
  // Checked first: CREATE SCHEMA demands a right on the database even where there is nothing to create.
  const found = await session.query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", [schema]);
  return found.length > 0 ? [] : [`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`];
}

/** Some room in each page: a row that is rewritten all the time then stays where its index entry points. */
function createTable(quoted: string): string {
  const columns = Object.entries(leaseColumns).map(([column, type]) => `${column} ${type}`);
  return `CREATE TABLE IF NOT EXISTS ${quoted} (
    kind text NOT NULL, name text NOT NULL, cursor text, updated_at timestamptz NOT NULL DEFAULT now(),
    ${columns.join(", ")}, PRIMARY KEY (kind, name)
  ) WITH (fillfactor = 80)`;
}

function assertUsable(quoted: string, columns: ReadonlyMap<string, Column>): void {
  const texts = ["kind", "name", "cursor"].filter(
    (column) => !/^(text|character varying)$/.test(columns.get(column)?.type ?? ""),
  );
  const wrong = columns.get("updated_at")?.type === "timestamp with time zone" ? texts : [...texts, "updated_at"];
  if (wrong.length === 0) return;
  throw new ConnectorsError({
    code: "STORE_TABLE_UNUSABLE",
    message: `the table ${quoted} is not a table of cursors: ${wrong.join(", ")} missing or of another type`,
    hint: "name another `table` in [runner.state]; nothing was changed",
  });
}
