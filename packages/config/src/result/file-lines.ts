import { readFile } from "node:fs/promises";
import { findLines } from "../toml/toml-lines.ts";
import type { TomlPath } from "../toml/toml-path.ts";

/** The lines of a valid configuration file; of a table that is not there, undefined. Nothing is known of a file that cannot be read again. */
export async function fileLines(path: string): Promise<(place: TomlPath) => number | undefined> {
  try {
    return findLines(await readFile(path, "utf8"));
  } catch {
    return () => undefined;
  }
}
