import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { distrustOf, trustedFolders } from "../adapters/code-trust.ts";
import { adapterMaps, type GivenAdapters, givenStores } from "../adapters/given-adapters.ts";
import { type LoadConnectorsOptions, searchPlaces } from "../adapters/load-connectors.ts";
import { checkDates } from "../check/check-dates.ts";
import { type CheckedRoot, checkRoot } from "../check/check-root.ts";
import { ConfigInvalidError, ProblemList } from "../check/problems.ts";
import { interpolateTable } from "../references/interpolate-table.ts";
import { rememberReplaced } from "../result/provenance.ts";
import { checkFileSize, parseToml } from "../toml/parse-toml.ts";
import { findLines } from "../toml/toml-lines.ts";
import { type Environment, findConfig, type FoundBy, unreadable } from "./find-config.ts";

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
  const { root, replaced, hasDates } = interpolateTable(parsed.root, dirname(path), env, problems);
  if (hasDates) checkDates(parsed.text, problems);
  const packageFolders = trustedFolders(found, cwd);
  const from = searchPlaces(dirname(path), { ...options, cwd, packageFolders });
  const { requireEntries = false } = options;
  const facts = { path, from, given: adapterMaps(options), packageFolders, distrust: distrustOf(found), requireEntries };
  const checked = await checkRoot(root, facts, { problems, replaced });
  if (checked === undefined) throw new ConfigInvalidError(path, problems.list(findLines(parsed.text)), problems.cause());
  rememberReplaced(checked.config, replaced);
  return { ...checked, ...givenStores(options), path, foundBy };
}

/** A file that is too large is refused before it fills the memory. */
async function readBounded(path: string): Promise<Uint8Array> {
  try {
    checkFileSize((await stat(path)).size, path);
    return await readFile(path);
  } catch (error) {
    throw isConnectorsError(error) ? error : unreadable(path, error);
  }
}
