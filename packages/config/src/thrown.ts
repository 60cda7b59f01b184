/** The `code` that Node puts on its errors, e.g. `ENOENT`; undefined when what was thrown has none. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}

/** The first line of what was thrown: Node lists require stacks behind it, parsers the text around a fault. */
export function reasonOf(thrown: unknown): string {
  const [line = ""] = (thrown instanceof Error ? thrown.message : String(thrown)).split("\n", 1);
  return line;
}
