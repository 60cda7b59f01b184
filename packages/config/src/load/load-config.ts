import { dirname } from "node:path";
import { distrustOf, trustedFolders } from "../adapters/code-trust.ts";
import { adapterMaps, type GivenAdapters, givenStores } from "../adapters/given-adapters.ts";
import { type LoadConnectorsOptions, searchPlaces } from "../adapters/load-connectors.ts";
import { checkDates } from "../check/check-dates.ts";
import { type CheckedRoot, checkRoot } from "../check/check-root.ts";
import { ConfigInvalidError, formatPlace, ProblemList } from "../check/problems.ts";
import { interpolateTable } from "../references/interpolate-table.ts";
import { rememberReplaced } from "../result/provenance.ts";
import { parseToml } from "../toml/parse-toml.ts";
import { type Environment, findConfig, type FoundBy } from "./find-config.ts";
import { mergeIncluded } from "./merge-included.ts";
import { readBounded } from "./read-bounded.ts";
import { readIncludes } from "./read-includes.ts";

export interface LoadConfigOptions extends LoadConnectorsOptions, GivenAdapters {
  /** The file, relative to `cwd`; then no other place is looked at. */
  readonly configPath?: string | undefined;
  /** Default `process.env`. */
  readonly env?: Environment;
  /** Refuses a file without any source, which is a mistake where one is run. Default false. */
  readonly requireEntries?: boolean;
}

/** A configuration and the adapters to run it with: what `createRunner` takes. */
export interface ParsedConfig extends CheckedRoot, Pick<GivenAdapters, "cursorStores" | "inboxes"> {}

export interface LoadedConfig extends ParsedConfig {
  /** The file, absolute. */
  readonly path: string;
  readonly foundBy: FoundBy;
  /** The files that it includes, absolute. */
  readonly includes: readonly string[];
}

/**
 * Finds, reads and checks the configuration file and loads the connectors that it names.
 *
 * Throws `CONFIG_NOT_FOUND` or `CONFIG_UNREADABLE` when there is no file to read, and `CONFIG_INVALID` (a {@link ConfigInvalidError})
 * with everything that is wrong with it.
 *
 * @example const { config, connectors } = await loadConfig({ configPath: "./statewave-connectors.toml" });
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<LoadedConfig> {
  const { cwd = process.cwd(), env = process.env } = options;
  const found = await findConfig(options.configPath, cwd, env);
  const { path, foundBy } = found;
  const parsed = parseToml(await readBounded(path), path);
  const problems = new ProblemList();
  const included = await readIncludes(found, parsed.root, problems);
  const merged = mergeIncluded({ name: path, ...parsed }, included.files);
  problems.nameOf = (at) => formatPlace(merged.placeOf(at));
  const { root, replaced, hasDates } = interpolateTable(merged.root, dirname(path), env, problems);
  if (hasDates) for (const file of merged.files) checkDates(file.text, problems, (at) => merged.mergedPath(file, at));
  const packageFolders = trustedFolders(found, cwd);
  const from = searchPlaces(dirname(path), { ...options, cwd, packageFolders });
  const { requireEntries = false } = options;
  const facts = { path, from, given: adapterMaps(options), packageFolders, distrust: distrustOf(found), requireEntries };
  const checked = await checkRoot(root, facts, { problems, replaced });
  if (checked === undefined) throw new ConfigInvalidError(path, problems.list(merged.placeOf), problems.cause());
  rememberReplaced(checked.config, replaced);
  return { ...checked, ...givenStores(options), path, foundBy, includes: included.paths };
}
