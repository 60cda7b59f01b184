import { isTable } from "@statewave-connectors/connector-sdk/schema";
import { newTable, type Table } from "../toml/parse-toml.ts";
import { findLines } from "../toml/toml-lines.ts";
import { type PlaceInFiles, formatPath, type TomlPath } from "../toml/toml-path.ts";

/** A file that was read and parsed. */
export interface SourceFile {
  /** As messages call it. */
  readonly name: string;
  readonly text: string;
  readonly root: Table;
}

/** A file with the entries of those that it includes. */
export interface MergedFiles {
  readonly root: Table;
  readonly files: readonly SourceFile[];
  /** Where a path of `root` stands. */
  readonly placeOf: (path: TomlPath) => PlaceInFiles;
  /** The path in `root` of what stands at `path` in one of `files`. */
  readonly mergedPath: (file: SourceFile, path: TomlPath) => TomlPath;
}

/** The entries of one kind that one file brings, from this index on. */
interface Run {
  readonly file: SourceFile;
  readonly start: number;
}

/** Puts the entries of included files behind those of the file itself, in their order. */
export function mergeIncluded(main: SourceFile, included: readonly SourceFile[]): MergedFiles {
  const root: Table = Object.assign(newTable(), main.root);
  delete root["include"];
  const runs = new Map<string, Run[]>();
  for (const direction of ["pull", "push"]) {
    const kinds = root[direction] ?? newTable();
    // What is no table is reported when the entries are checked.
    if (included.length === 0 || !isTable(kinds)) continue;
    const merged: Table = Object.assign(newTable(), kinds);
    for (const file of included) {
      for (const [kind, list] of Object.entries(tableOf(file.root[direction]))) {
        const before = merged[kind] ?? [];
        if (!Array.isArray(before) || !Array.isArray(list)) continue;
        const key = formatPath([direction, kind]);
        runs.set(key, [...(runs.get(key) ?? []), { file, start: before.length }]);
        merged[kind] = [...before, ...list];
      }
    }
    if (Object.keys(merged).length > 0) root[direction] = merged;
  }
  return { root, files: [main, ...included], ...placement(main, runs) };
}

function placement(main: SourceFile, runs: ReadonlyMap<string, readonly Run[]>): Pick<MergedFiles, "placeOf" | "mergedPath"> {
  const scanned = new Map<SourceFile, ReturnType<typeof findLines>>();
  const lineIn = (file: SourceFile, path: TomlPath) => {
    const lines = scanned.get(file) ?? findLines(file.text);
    scanned.set(file, lines);
    return lines(path);
  };
  return {
    placeOf(path) {
      const [direction, kind, index, ...rest] = path;
      const run =
        typeof index === "number" && direction !== undefined && kind !== undefined
          ? runs.get(formatPath([direction, kind]))?.findLast(({ start }) => start <= index)
          : undefined;
      const local = run === undefined || typeof index !== "number" ? path : [...path.slice(0, 2), index - run.start, ...rest];
      const line = lineIn(run?.file ?? main, local);
      return { ...(run !== undefined && { file: run.file.name }), path: local, ...(line !== undefined && { line }) };
    },
    mergedPath(file, path) {
      const [direction, kind, index, ...rest] = path;
      if (typeof index !== "number" || direction === undefined || kind === undefined) return path;
      const run = runs.get(formatPath([direction, kind]))?.find((each) => each.file === file);
      return run === undefined ? path : [direction, kind, index + run.start, ...rest];
    },
  };
}

function tableOf(value: unknown): Table {
  return isTable(value) ? value : newTable();
}
