import { resolve } from "node:path";
import { isTable } from "@statewave-connectors/connector-sdk/schema";
import type { ConfigInput } from "./config-input.ts";
import type { Environment } from "./find-config.ts";
import { adapterMaps, type GivenAdapters, givenStores } from "../adapters/given-adapters.ts";
import { interpolateTable } from "../references/interpolate-table.ts";
import { checkDates } from "../check/check-dates.ts";
import { checkRoot } from "../check/check-root.ts";
import type { ParsedConfig } from "./load-config.ts";
import { type LoadConnectorsOptions, searchPlaces } from "../adapters/load-connectors.ts";
import { nameOf, objectToTable, undefinedPaths } from "../toml/object-to-table.ts";
import { parseToml, type Table } from "../toml/parse-toml.ts";
import { ConfigInvalidError, type ConfigProblem, ProblemList } from "../check/problems.ts";
import { rememberReplaced } from "../result/provenance.ts";
import { findLines } from "../toml/toml-lines.ts";
import { formatPath, type TomlPath } from "../toml/toml-path.ts";

export interface ParseConfigOptions extends LoadConnectorsOptions, GivenAdapters {
  /** The folder that relative paths start from. Default: the working directory. */
  readonly baseDir?: string;
  /**
   * Where `${VAR}` is looked up. Default: `process.env` for a text. In an object `${VAR}` is replaced only if this is set, because a
   * password may contain `${`.
   */
  readonly env?: Environment;
  /** What messages call the configuration. Default "configuration". */
  readonly name?: string;
  /** Refuses a configuration without any source. Default false. */
  readonly requireEntries?: boolean;
}

/**
 * Checks a configuration that is an object or the text of a file, and loads its connectors; reads only `${file:…}` and packages from disk.
 * Throws `CONFIG_INVALID` (a {@link ConfigInvalidError}) with every problem: its path, and its line if there is a text.
 *
 * @example const runner = await createRunner(await parseConfig({ statewave: { url: "stdout:" } }, { connectors: [connector] }));
 */
export async function parseConfig(source: string | ConfigInput, options: ParseConfigOptions = {}): Promise<ParsedConfig> {
  const { name = "configuration", cwd = process.cwd(), requireEntries = false } = options;
  const baseDir = resolve(cwd, options.baseDir ?? ".");
  const problems = new ProblemList();
  const { written, lineOf, text } = read(source, name, problems);
  const env = options.env ?? (text === undefined ? undefined : process.env);
  const { root, replaced, hasDates } = interpolateTable(written, baseDir, env, problems);
  if (hasDates && text !== undefined) checkDates(text, problems);
  const from = searchPlaces(baseDir, { ...options, cwd });
  const facts = { path: name, baseDir, from, given: adapterMaps(options), requireEntries };
  const checked = await checkRoot(root, facts, { problems, replaced });
  if (checked === undefined)
    throw new ConfigInvalidError(
      name,
      explain(
        problems.list((path) => ({ path, line: lineOf(path) })),
        source,
      ),
      problems.cause(),
    );
  rememberReplaced(checked.config, replaced);
  return { ...checked, ...givenStores(options) };
}

/** "Is required" does not distinguish a missing key from an undefined one. */
function explain(problems: readonly ConfigProblem[], source: string | ConfigInput): readonly ConfigProblem[] {
  if (typeof source === "string") return problems;
  const undefinedKeys = new Set(undefinedPaths(source).map(formatPath));
  const hint = "set the variable that it is read from: it is undefined";
  return problems.map((problem) => (undefinedKeys.has(problem.path) ? { hint, ...problem } : problem));
}

interface ReadSource {
  readonly written: Table;
  readonly lineOf: (path: TomlPath) => number | undefined;
  readonly text?: string;
}

function read(source: unknown, name: string, problems: ProblemList): ReadSource {
  if (typeof source === "string") {
    refuseFileName(source, name);
    const { text, root } = parseToml(new TextEncoder().encode(source), name);
    return { written: root, lineOf: findLines(text), text };
  }
  if (!isTable(source)) {
    const message = `expected an object or the text of a file, got ${nameOf(source)}`;
    throw new ConfigInvalidError(name, [{ path: "", message, hint: 'pass { statewave: { url: "https://…" } }' }]);
  }
  return { written: objectToTable(source, problems), lineOf: () => undefined };
}

function refuseFileName(source: string, name: string): void {
  if (!/^[^\n="']{1,1000}\.toml$/.test(source.trim())) return;
  const message = "this is the name of a file, not the text of one";
  throw new ConfigInvalidError(name, [{ path: "", message, hint: "read a file with loadConfig({ configPath })" }]);
}
