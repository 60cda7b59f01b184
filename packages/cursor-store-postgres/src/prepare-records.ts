import { createHash } from "node:crypto";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { type PostgresSession, quoteTable } from "@statewave-connectors/postgres-client";
import { readColumns, type TableName } from "./table-columns.ts";

const suffix = "_records";
/** Postgres cuts a longer name, and then it could be the table of the cursors itself. */
const longestNameBytes = 63;

/** The table of the records that belong to a table of cursors. */
export function recordsTableOf({ schema, table }: TableName): TableName {
  const name = table + suffix;
  if (name.length <= longestNameBytes) return { schema, table: name };
  const hash = createHash("sha256").update(table).digest("hex").slice(0, 8);
  return { schema, table: `${table.slice(0, longestNameBytes - suffix.length - hash.length - 1)}_${hash}${suffix}` };
}

const columns = {
  scope: { type: "text", definition: 'text COLLATE "C" NOT NULL' },
  key: { type: "text", definition: 'text COLLATE "C" NOT NULL' },
  value: { type: "text", definition: "text NOT NULL" },
  version: { type: "bigint", definition: "bigint GENERATED ALWAYS AS IDENTITY" },
  expires_at_ms: { type: "bigint", definition: "bigint" },
} as const;

/** The statements that make the table of records; none when it is there. Throws `STORE_TABLE_UNUSABLE` for another shape. */
export async function missingRecordSteps(session: PostgresSession, cursors: TableName): Promise<readonly string[]> {
  const quoted = quoteTable(recordsTableOf(cursors));
  const found = await readColumns(session, quoted);
  if (found.size === 0) return createRecordsTable(cursors);
  const wrong = Object.entries(columns).filter(([column, { type }]) => found.get(column)?.type !== type);
  if (wrong.length === 0) return [];
  throw new ConnectorsError({
    code: "STORE_TABLE_UNUSABLE",
    message: `the table ${quoted} is not a table of records: ${wrong.map(([column]) => column).join(", ")} missing or of another type`,
    hint: "name another `table` in [runner.state]; nothing was changed",
  });
}

/** The statements for a schema without it. */
export function createRecordsTable(cursors: TableName): readonly string[] {
  const quoted = quoteTable(recordsTableOf(cursors));
  const definitions = Object.entries(columns).map(([column, { definition }]) => `${column} ${definition}`);
  return [
    `CREATE TABLE IF NOT EXISTS ${quoted} (${definitions.join(", ")}, PRIMARY KEY (scope, key))`,
    `CREATE INDEX ON ${quoted} (expires_at_ms) WHERE expires_at_ms IS NOT NULL`,
  ];
}
