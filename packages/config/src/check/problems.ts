import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { escapeInvisible } from "@statewave-connectors/connector-sdk/secrets";
import { type PlaceInFiles, formatPath, type TomlPath } from "../toml/toml-path.ts";

/** One thing that is wrong with the file. No field ever shows a secret. */
export interface ConfigProblem {
  /** Where, e.g. `pull.github[0].schedule`; empty when it concerns the file as a whole. */
  readonly path: string;
  /** The included file in which it stands, relative to the configuration file; absent: the configuration file itself. */
  readonly file?: string;
  /** The line of the key, or of the table that lacks it; absent when it is not known for certain. */
  readonly line?: number;
  readonly message: string;
  readonly hint?: string;
}

/** A file that cannot be used: code `CONFIG_INVALID`, every problem at once in `problems`, and all of them in the message, one a line. */
export class ConfigInvalidError extends ConnectorsError {
  /** The file. */
  readonly path: string;
  readonly problems: readonly ConfigProblem[];

  constructor(path: string, problems: readonly ConfigProblem[], cause?: unknown) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super({
      code: "CONFIG_INVALID",
      message: [`${path} has ${count}`, ...problems.map((problem) => `  ${formatProblem(problem)}`)].join("\n"),
      ...(cause === undefined ? {} : { cause }),
    });
    this.path = path;
    this.problems = problems;
  }
}

/** A problem on one line: `line 12: pull.github[0].schedule: message (hint)`, behind the name of an included file. */
export function formatProblem(problem: ConfigProblem): string {
  const place = [...placeWords(problem), problem.path].filter((part) => part !== "").map((part) => `${part}: `);
  return oneLine(`${place.join("")}${problem.message}${problem.hint === undefined ? "" : ` (${problem.hint})`}`);
}

/** `sources/github.toml, line 12`: where it stands besides its path. */
function placeWords({ file, line }: Pick<ConfigProblem, "file" | "line">): readonly string[] {
  return [[...(file === undefined ? [] : [file]), ...(line === undefined ? [] : [`line ${line}`])].join(", ")];
}

/** A place within a sentence: its path, and the included file in which it stands. */
export function formatPlace({ file, path }: Pick<PlaceInFiles, "file" | "path">): string {
  return file === undefined ? formatPath(path) : `${formatPath(path)} in ${file}`;
}

/** Values and connectors' messages may hold anything: a problem stays one line, without control characters. */
function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
  return escapeInvisible(text.replaceAll(/[\u0000-\u001f\u007f\u2028\u2029]+/g, " "));
}

/** Collects problems while a file is checked; the first one at a path counts, later ones there are usually its echo. */
export class ProblemList {
  readonly #found = new Map<string, { path: TomlPath; message: string; hint: string | undefined }>();
  /** What packages threw when they were imported: becomes the error's cause. */
  readonly causes: unknown[] = [];
  readonly #empty = new Map<string, readonly string[]>();
  readonly #origins = new Map<string, readonly string[]>();
  /** What a message calls a place that it refers to. */
  nameOf: (path: TomlPath) => string = formatPath;

  add(path: TomlPath, message: string, hint?: string): void {
    const key = formatPath(path);
    if (this.#found.has(key)) return;
    const empty = this.#empty.get(key);
    const origins = isKind(path) ? [] : this.#originsAt(key);
    const problem = empty === undefined ? { message, hint: hintWithOrigin(hint, origins) } : emptyProblem(message, empty);
    this.#found.set(key, { path, ...problem });
  }

  /** Notes where the value of an option came from, in words; a problem of it names them. */
  noteOrigin(path: TomlPath, sources: readonly string[]): void {
    this.#origins.set(formatPath(path), sources);
  }

  /** Of the value at a path, or of what is in it. */
  #originsAt(key: string): readonly string[] {
    const below = (path: string) => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`);
    return [...new Set([...this.#origins].flatMap(([path, sources]) => (key !== "" && below(path) ? sources : [])))];
  }

  /** Notes that an option is absent because its sources are empty; if it is required, the problem names them. */
  noteEmpty(path: TomlPath, sources: readonly string[]): void {
    this.#empty.set(formatPath(path), sources);
  }

  has(path: TomlPath): boolean {
    return this.#found.has(formatPath(path));
  }

  get size(): number {
    return this.#found.size;
  }

  /** What to report as the cause of them all; undefined when nothing was thrown. */
  cause(): unknown {
    return this.causes.length > 1 ? new AggregateError(this.causes) : this.causes[0];
  }

  /** In the order of the file, as far as lines are known. */
  list(placeOf: (path: TomlPath) => PlaceInFiles): readonly ConfigProblem[] {
    const problems: ConfigProblem[] = [];
    for (const { path: segments, message, hint } of this.#found.values()) {
      const { file, path, line } = placeOf(segments);
      const place = { ...(file !== undefined && { file }), path: formatPath(path), ...(line !== undefined && { line }) };
      problems.push({ ...place, message, ...(hint !== undefined && { hint }) });
    }
    return problems.toSorted(
      (left, right) => (left.file ?? "").localeCompare(right.file ?? "") || (left.line ?? 0) - (right.line ?? 0),
    );
  }
}

/** `pull.github`: its problem is the kind or its package, whatever values its entries have. */
function isKind(path: TomlPath): boolean {
  return path.length === 2 && (path[0] === "pull" || path[0] === "push");
}

const maxNamedSources = 3;

/** The hint of a problem whose value stands elsewhere: the value is not shown, so its place is. */
function hintWithOrigin(hint: string | undefined, sources: readonly string[]): string | undefined {
  if (sources.length === 0) return hint;
  const named = sources.slice(0, maxNamedSources).join(" and ");
  return hint === undefined ? `check ${named}` : `${hint}; the value is from ${named}`;
}

/** The problem of an option that is absent because its sources are empty. */
function emptyProblem(message: string, sources: readonly string[]): { readonly message: string; readonly hint: string } {
  const [first = "its value", ...others] = sources;
  const named = `${[first, ...others].join(" and ")} ${others.length > 0 ? "are" : "is"} empty`;
  const hint = first.startsWith("the file ") ? `write the value into ${first}` : `set ${first}`;
  return { message: message === "is required" ? `${message}, but ${named}` : `${message}; ${named}`, hint };
}
