import { readFile } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { mergeIncluded, type SourceFile } from "../load/merge-included.ts";
import { parseToml } from "../toml/parse-toml.ts";
import type { PlaceInFiles, TomlPath } from "../toml/toml-path.ts";

/** Where the tables of a valid configuration stand. Nothing is known of files that cannot be read again. */
export async function filePlaces(
  path: string,
  includes: readonly string[],
): Promise<(place: TomlPath) => PlaceInFiles | undefined> {
  const read = async (file: string): Promise<SourceFile> => ({
    name: relative(dirname(path), file),
    ...parseToml(await readFile(file), file),
  });
  try {
    const [main, ...included] = await Promise.all([path, ...includes].map(read));
    return main === undefined ? () => undefined : mergeIncluded(main, included).placeOf;
  } catch {
    return () => undefined;
  }
}
