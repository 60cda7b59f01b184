import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type Postgres, quoteIdentifier } from "@statewave-connectors/postgres-client";
import type { PgBoss } from "pg-boss";
import { DeadLetters } from "./dead-letters.ts";

export interface InstallParts {
  /** With the option not to make its schema. */
  readonly boss: PgBoss;
  /** The connections on which it runs: installing takes its time. */
  readonly slow: Postgres;
  readonly schemaName: string;
}

/**
 * The schema, pg-boss with its tables in it, and ours. Any number of processes may do this at the same time.
 *
 * Throws `INBOX_ACCESS_DENIED` with the statements to run when the rights do not suffice.
 */
export async function install({ boss, slow, schemaName }: InstallParts): Promise<void> {
  try {
    await makeSchema(slow, schemaName);
    await boss.start();
    await makeLetters(slow, quoteIdentifier(schemaName));
  } catch (error) {
    throw await explainRefusal(slow, schemaName, error);
  }
}

/**
 * Not left to pg-boss: its CREATE SCHEMA IF NOT EXISTS demands a right on the database even where there is nothing to create, and fails
 * when several processes find nothing at the same moment.
 */
async function makeSchema(slow: Postgres, schemaName: string): Promise<void> {
  if (await hasSchema(slow, schemaName)) return;
  try {
    await slow.query(`CREATE SCHEMA ${quoteIdentifier(schemaName)}`);
  } catch (error) {
    // Another process was quicker.
    if (!(await hasSchema(slow, schemaName))) throw error;
  }
}

async function hasSchema(slow: Postgres, schemaName: string): Promise<boolean> {
  return (await slow.query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", [schemaName])).length > 0;
}

async function makeLetters(slow: Postgres, schema: string): Promise<void> {
  const [found] = await slow.query("SELECT to_regclass($1) IS NOT NULL AS found", [`${schema}.dead_letters`]);
  if (found?.["found"] === true) return;
  await slow.transaction(async (session) => {
    // Until the end of this transaction: IF NOT EXISTS alone does not keep two of them apart.
    await session.query("SELECT pg_advisory_xact_lock(hashtext($1))", [`${schema}.dead_letters`]);
    await session.query(DeadLetters.creation(schema));
  });
}

/** A refusal of the server, with the statements that a permitted role can run; any other error as it is. */
async function explainRefusal(slow: Postgres, schemaName: string, error: unknown): Promise<unknown> {
  if (!isConnectorsError(error, "INBOX_ACCESS_DENIED")) return error;
  const [row] = await slow.query(missingRights, [schemaName]);
  const role = String(row?.["role"]);
  const schema = quoteIdentifier(schemaName);
  const statements =
    row?.["has_schema"] === true
      ? [
          ...(row["may_create"] === true ? [] : [`GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${role}`]),
          ...(row["has_foreign_tables"] === true ? [`GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO ${role}`] : []),
        ]
      : [`CREATE SCHEMA ${schema} AUTHORIZATION ${role}`];
  if (statements.length === 0) return error;
  return new ConnectorsError({
    code: "INBOX_ACCESS_DENIED",
    message: `${error.message}; the schema of the inbox is not as the role ${role} needs it`,
    hint: `Let its owner run: ${statements.map((statement) => `${statement};`).join(" ")}`,
    cause: error,
  });
}

/** Every role may read the catalogs, also about objects that it may not use. */
const missingRights = `
  SELECT quote_ident(current_user) AS role, namespace.oid IS NOT NULL AS has_schema,
    has_schema_privilege(namespace.oid, 'USAGE') AND has_schema_privilege(namespace.oid, 'CREATE') AS may_create,
    EXISTS (
      SELECT FROM pg_catalog.pg_class
      WHERE relnamespace = namespace.oid AND relkind IN ('r', 'p') AND NOT pg_has_role(relowner, 'USAGE')
    ) AS has_foreign_tables
  FROM (VALUES ($1)) AS wanted (name) LEFT JOIN pg_catalog.pg_namespace AS namespace ON nspname = wanted.name`;
