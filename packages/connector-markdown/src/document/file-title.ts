import { printable } from "../folder/left-out.ts";

/** Names that say nothing without their folder. */
const readme = /^read\s?me$/i;
const index = /^_?index$/i;

/** The title of a document that has none: its file's name, and with `README` and `index` their folder's. */
export function fileTitle(path: string): string {
  const segments = path.split("/");
  const name = segments.at(-1) ?? path;
  const bare = name.replace(/\.[^.]+$/, "") || name;
  const folder = segments.at(-2);
  if (folder !== undefined && index.test(bare)) return printable(folder);
  return printable(folder !== undefined && readme.test(bare) ? `${folder} ${bare}` : bare);
}
