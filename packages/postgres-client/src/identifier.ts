import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { PostgresArea } from "./postgres-error.ts";

/** Postgres cuts longer names silently, so that two could become one. */
const maxBytes = 63;

/** A name as it can stand in a statement. Throws `…_OPTION_INVALID` for what cannot be the name of a table or schema. */
export function quoteIdentifier(area: PostgresArea, option: string, name: string): string {
  const isName = /^[A-Za-z_][A-Za-z0-9_$-]*$/.test(name) && Buffer.byteLength(name) <= maxBytes;
  if (isName) return `"${name}"`;
  throw new ConnectorsError({
    code: `${area}_OPTION_INVALID`,
    message: `The ${option} ${JSON.stringify(name)} cannot be a name in Postgres.`,
    hint: `Letters, digits, _, - and $, a letter or _ first, at most ${maxBytes} of them.`,
  });
}

/** The table, with its schema when one is named; otherwise the server's search_path finds it. */
export function quoteTable(
  area: PostgresArea,
  { schema, table }: { readonly schema: string | undefined; readonly table: string },
): string {
  const quoted = quoteIdentifier(area, "table", table);
  return schema === undefined ? quoted : `${quoteIdentifier(area, "schema", schema)}.${quoted}`;
}
