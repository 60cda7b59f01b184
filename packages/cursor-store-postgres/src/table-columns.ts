import type { PostgresSession } from "@statewave-connectors/postgres-client";

/** A table; without a schema, the first one of the search path that has it. */
export interface TableName {
  readonly schema: string | undefined;
  readonly table: string;
}

/** A column as the catalogue of Postgres describes it. */
export interface Column {
  readonly type: string;
  readonly isRequired: boolean;
}

/** The columns of a table by name; none when there is no such table, or the role may not look into its schema. */
export async function readColumns(session: PostgresSession, quoted: string): Promise<ReadonlyMap<string, Column>> {
  const rows = await session.query(
    `SELECT attname, format_type(atttypid, NULL) AS type, attnotnull FROM pg_catalog.pg_attribute
     WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
    [quoted],
  );
  return new Map(
    rows.map((row) => [String(row["attname"]), { type: String(row["type"]), isRequired: row["attnotnull"] === true }]),
  );
}
