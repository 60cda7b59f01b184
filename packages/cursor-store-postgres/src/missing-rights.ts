import { type PostgresSession, quoteIdentifier } from "@statewave-connectors/postgres-client";
import type { TableName } from "./table-columns.ts";

/** What daily work needs on the table of the cursors. */
export const cursorTableRights = ["SELECT", "INSERT", "UPDATE"] as const;
/** What it needs on the table of the records, where rows are deleted. */
export const recordTableRights = [...cursorTableRights, "DELETE"] as const;

export interface MissingRights {
  /** The role that runs, as it stands in a statement; the same with the schema. */
  readonly role: string;
  readonly schema: string;
  readonly hasSchema: boolean;
  readonly hasTable: boolean;
  /** Statements that give the role what it lacks on a schema and a table that are there. */
  readonly grants: readonly string[];
}

/** Reads the catalogs: every role may, also about objects that it may not use. */
export async function readMissingRights(
  session: PostgresSession,
  { schema, table }: TableName,
  rights: readonly string[],
): Promise<MissingRights> {
  const [row] = await session.query(question, [schema, table, rights]);
  const role = String(row?.["role"]);
  const schemaName = quoteIdentifier(String(row?.["schema"]));
  const lacking = row?.["lacking"] as readonly string[];
  return {
    role,
    schema: schemaName,
    hasSchema: row?.["has_schema"] === true,
    hasTable: row?.["has_table"] === true,
    grants: [
      ...(row?.["has_usage"] === true ? [] : [`GRANT USAGE ON SCHEMA ${schemaName} TO ${role}`]),
      ...(lacking.length === 0 ? [] : [`GRANT ${lacking.join(", ")} ON ${schemaName}.${quoteIdentifier(table)} TO ${role}`]),
    ],
  };
}

/** Without a schema ($1) the table ($2) is where the search_path finds it, or would make it. */
const question = `
  SELECT quote_ident(current_user) AS role, place.name AS schema,
    namespace.oid IS NOT NULL AS has_schema, relation.oid IS NOT NULL AS has_table,
    has_schema_privilege(namespace.oid, 'USAGE') AS has_usage,
    ARRAY(
      SELECT wanted FROM unnest($3::text[]) AS wanted
      WHERE relation.oid IS NULL OR NOT has_table_privilege(relation.oid, wanted)
    ) AS lacking
  FROM (
    SELECT coalesce($1::text, (
      SELECT nspname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
      WHERE relname = $2 AND pg_table_is_visible(pg_class.oid)
    ), current_schema(), 'public') AS name
  ) AS place
  LEFT JOIN pg_catalog.pg_namespace AS namespace ON nspname = place.name
  LEFT JOIN pg_catalog.pg_class AS relation ON relnamespace = namespace.oid AND relname = $2`;
