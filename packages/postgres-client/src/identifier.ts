/** A name as it stands in a statement; that it can be one, `postgresName` has checked. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The table, with its schema when one is named; otherwise the server's search_path finds it. */
export function quoteTable({ schema, table }: { readonly schema: string | undefined; readonly table: string }): string {
  return schema === undefined ? quoteIdentifier(table) : `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
}
