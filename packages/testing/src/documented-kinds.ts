/**
 * The kinds of episodes that a connector's README promises, sorted: what stands in backticks in the first column of the table under
 * `## Episodes`. With `column`, those of the rows that have something in the column of that name, e.g. `pull`.
 */
export function documentedKinds(readme: string, column?: string): readonly string[] {
  const section = readme.split(/^## Episodes\n/m)[1]?.split(/^## /m)[0] ?? "";
  const [head = [], , ...rows] = Array.from(section.matchAll(/^\|(.*)\|$/gm), ([, row = ""]) =>
    row.split("|").map((cell) => cell.trim()),
  );
  const at = column === undefined ? 0 : head.indexOf(column);
  if (at < 0) throw new RangeError(`the table under "## Episodes" has no column "${column}", only ${head.join(", ")}`);
  const kept = rows.filter((cells) => (cells[at] ?? "") !== "");
  return kept.flatMap(([kinds = ""]) => Array.from(kinds.matchAll(/`([^`]+)`/g), ([, kind = ""]) => kind)).toSorted();
}
