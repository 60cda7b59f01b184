import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { type Connector, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { isTable } from "@statewave-connectors/connector-sdk/options";
import { type Distrust, distrustOf, trustedFolders } from "./code-trust.ts";
import { checkAdapters } from "../check/check-adapters.ts";
import { checkCaFile } from "../check/check-ca-file.ts";
import { checkAddresses } from "../check/check-addresses.ts";
import { checkPrivacy, checkRuleNames } from "../check/check-privacy.ts";
import { checkPullEntries, checkPushEntries, kindHint, kindMessage, listEntries, type RawEntry } from "../check/check-entries.ts";
import { type CheckContext, checkTable } from "../check/check-table.ts";
import type { ConnectorsConfig } from "../result/connectors-config.ts";
import { kindPattern } from "../schema/kind.ts";
import { privacyTable } from "../schema/privacy-table.ts";
import { runnerTable } from "../schema/runner-table.ts";
import { statewaveTable } from "../schema/statewave-table.ts";
import { didYouMean } from "../check/did-you-mean.ts";
import { type Environment, findConfig, type FoundBy, unreadable } from "./find-config.ts";
import { adapterMaps, type AdapterMaps, type GivenAdapters, givenStores } from "../adapters/given-adapters.ts";
import { interpolateTable } from "../references/interpolate-table.ts";
import { installedKinds } from "../adapters/installed-kinds.ts";
import { isPathOverride } from "../adapters/load-adapter.ts";
import { type LoadConnectorsOptions, type LoadedKinds, loadKinds, searchPlaces } from "../adapters/load-connectors.ts";
import { checkFileSize, parseToml, type Table } from "../toml/parse-toml.ts";
import { ConfigInvalidError, ProblemList } from "../check/problems.ts";
import { folderOf } from "../adapters/resolve-package.ts";
import { isTimezone } from "../schedule/schedule.ts";
import { rememberOptions, rememberReplaced } from "../result/provenance.ts";
import { toRunnerConfig, toStatewaveConfig } from "../result/to-config.ts";
import { findImpossibleDates, findLines } from "../toml/toml-lines.ts";
import { below } from "../toml/toml-path.ts";

export interface LoadConfigOptions extends LoadConnectorsOptions, GivenAdapters {
  /** The file, relative to `cwd`; then no other place is looked at. */
  readonly configPath?: string | undefined;
  /** Default `process.env`. */
  readonly env?: Environment;
  /** Refuses a file without any source, which is a mistake where one is run. Default false. */
  readonly requireEntries?: boolean;
}

/** A configuration and the adapters to run it with: what `createRunner` takes. */
export interface ParsedConfig extends Pick<GivenAdapters, "cursorStores" | "inboxes"> {
  readonly config: ConnectorsConfig;
  /** The connectors that the entries name, by kind. */
  readonly connectors: ReadonlyMap<string, Connector>;
}

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
  if (hasDates) addImpossibleDates(parsed.text, problems);
  const packageFolders = trustedFolders(found, cwd);
  const from = searchPlaces(dirname(path), { ...options, cwd, packageFolders });
  const { requireEntries = false } = options;
  const facts = { path, from, given: adapterMaps(options), packageFolders, distrust: distrustOf(found), requireEntries };
  const checked = await checkRoot(root, facts, { problems, replaced });
  if (checked === undefined) throw new ConfigInvalidError(path, problems.list(findLines(parsed.text)), causeOf(problems));
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

export function addImpossibleDates(text: string, problems: ProblemList): void {
  for (const { path, date } of findImpossibleDates(text))
    problems.add(path, `${date} is not a day of the calendar`, "correct the day or the month");
}

function addNoEntries(problems: ProblemList): void {
  problems.add(
    [],
    "no source: there is no [[pull.<kind>]] and no [[push.<kind>]] entry",
    "add one; the README of each connector shows its options",
  );
}

export function causeOf(problems: ProblemList): unknown {
  return problems.causes.length > 1 ? new AggregateError(problems.causes) : problems.causes[0];
}

const rootKeys = ["statewave", "runner", "privacy", "connectors", "pull", "push"];

export interface RootFacts {
  /** The file, or what the configuration is called. */
  readonly path: string;
  /** Default: the file's folder. */
  readonly baseDir?: string;
  readonly given: AdapterMaps;
  readonly from: readonly string[];
  readonly packageFolders?: readonly string[] | undefined;
  /** Why code by path is refused. */
  readonly distrust?: Distrust | undefined;
  readonly requireEntries: boolean;
}

export async function checkRoot(
  root: Table,
  { path, baseDir = dirname(path), from, given, packageFolders, distrust, requireEntries }: RootFacts,
  context: CheckContext,
): Promise<Pick<LoadedConfig, "config" | "connectors"> | undefined> {
  const { problems } = context;
  for (const key of Object.keys(root)) {
    if (rootKeys.includes(key)) continue;
    problems.add([key], isTable(root[key]) ? "unknown table" : "unknown key", unknownTableHint(key, root[key], from));
  }
  const statewave = (await checkTable(statewaveTable, tableAt(root, "statewave", problems), below(["statewave"]), context)).value;
  const runnerRoot = tableAt(root, "runner", problems);
  const runner = (await checkTable(runnerTable, runnerRoot, below(["runner"]), context)).value;
  const adapters = await checkAdapters(runnerRoot, { from, given }, context);
  const connectorsRoot = tableAt(root, "connectors", problems);
  const namedKinds = Object.keys(connectorsRoot).filter((kind) => kindPattern.test(kind));
  const knownKinds = () => [...namedKinds, ...installedKinds("connector", from.map(folderOf))];
  const connectorPackages = checkPackages(connectorsRoot, knownKinds, problems);
  const refused = distrust === undefined ? [] : refusePaths(connectorPackages, distrust, problems);
  const problemsBefore = problems.size;
  const facts = { problems, knownKinds };
  const [pullEntries, pushEntries] = [listEntries(root, "pull", facts), listEntries(root, "push", facts)];
  const kinds = [...pullEntries, ...pushEntries].map((entry) => entry.kind);
  if (requireEntries && kinds.length === 0 && problems.size === problemsBefore) addNoEntries(problems);
  const loadable = kinds.filter((kind) => !refused.includes(kind));
  const loaded = await loadKinds(loadable, connectorPackages, { from, given });
  addLoadProblems(loaded, [...pullEntries, ...pushEntries], { problems, named: Object.keys(connectorPackages), packageFolders });

  const privacy = (await checkTable(privacyTable, tableAt(root, "privacy", problems), below(["privacy"]), context)).value;
  const ruleNames = await checkPrivacy(privacy, problems);
  checkRuleNames([...pullEntries, ...pushEntries], ruleNames, problems);
  const entryContext = { ...context, timezone: timezoneOf(root), connectors: loaded.connectors };
  const pull = await checkPullEntries(pullEntries, entryContext);
  const push = await checkPushEntries(pushEntries, pullEntries, entryContext);
  if (runner !== undefined) {
    checkAddresses(runner, pushEntries, problems);
    await checkCaFile(runner.http.ca_file, baseDir, problems);
  }
  if (problems.size > 0 || statewave === undefined || runner === undefined || adapters === undefined) return undefined;
  const config = {
    path,
    baseDir,
    statewave: toStatewaveConfig(statewave, baseDir),
    ...(root["privacy"] !== undefined && privacy !== undefined && { privacy: { redact: privacy.redact, rules: privacy.rule } }),
    runner: { ...toRunnerConfig(runner, adapters, baseDir), ...(packageFolders !== undefined && { packageFolders }) },
    pull,
    push,
    connectorPackages,
  };
  rememberOptions(config.runner.state, adapters.state.provenance);
  rememberOptions(config.runner.inbox, adapters.inbox.provenance);
  return { config, connectors: loaded.connectors };
}

/** A misspelt table, a source without its direction, or a key above the first table. */
function unknownTableHint(key: string, value: unknown, from: readonly string[]): string | undefined {
  const meant = didYouMean(key, rootKeys);
  if (meant !== undefined) return `did you mean ${meant}?`;
  if (!isTable(value) && !Array.isArray(value)) return `write it below its table: one of ${rootKeys.join(", ")}`;
  return installedKinds("connector", from.map(folderOf)).includes(key) ? `write [[pull.${key}]] or [[push.${key}]]` : undefined;
}

/** A top-level table; an absent one is empty, so that its required keys are reported. */
function tableAt(root: Table, key: string, problems: ProblemList): Table {
  const table = root[key] ?? {};
  if (isTable(table)) return table;
  const isList = Array.isArray(table) && table.every(isTable);
  problems.add([key], "expected a table", isList ? `write [${key}] once, with one bracket` : `write [${key}] and its keys below`);
  return {};
}

/** Cron is checked even when something else in `[runner]` is wrong. */
function timezoneOf(root: Table): string {
  const runner = root["runner"];
  const timezone = isTable(runner) ? runner["timezone"] : undefined;
  return typeof timezone === "string" && isTimezone(timezone) ? timezone : "UTC";
}

/** The name of an npm package. */
export const packageName = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

function checkPackages(
  table: Table,
  knownKinds: () => readonly string[],
  problems: ProblemList,
): Readonly<Record<string, string>> {
  const packages: Record<string, string> = Object.create(null);
  for (const [kind, value] of Object.entries(table)) {
    if (!kindPattern.test(kind)) problems.add(["connectors", kind], kindMessage, kindHint(kind, knownKinds()));
    else if (typeof value === "string" && (isPathOverride(value) || packageName.test(value))) packages[kind] = value;
    else problems.add(["connectors", kind], "expected the name of a package, or a path beginning with ./, ../ or /");
  }
  return packages;
}

/** The kinds whose code is named by a path, which this file may not do. */
function refusePaths(
  packages: Readonly<Record<string, string>>,
  { reason, hint }: Distrust,
  problems: ProblemList,
): readonly string[] {
  const refused = Object.keys(packages).filter((kind) => isPathOverride(packages[kind]!));
  for (const kind of refused) problems.add(["connectors", kind], `code is not loaded by its path: ${reason}`, hint);
  return refused;
}

/** Behind the places that a package was looked for in. */
export const leftOutFolders = "; folders that other users own or may write to are left out";

interface LoadFacts extends Pick<RootFacts, "packageFolders"> {
  readonly problems: ProblemList;
  /** The kinds of `[connectors]`. */
  readonly named: readonly string[];
}

function addLoadProblems(
  loaded: LoadedKinds,
  entries: readonly RawEntry[],
  { problems, named, packageFolders }: LoadFacts,
): void {
  for (const [kind, failure] of loaded.failures) {
    if (!isConnectorsError(failure)) throw failure;
    const first = entries.find((entry) => entry.kind === kind)!;
    const isMissing = failure.code === "CONFIG_PACKAGE_NOT_FOUND";
    // A kind of `[connectors]` has no package of its name.
    const meant = isMissing && !named.includes(kind) ? didYouMean(kind, named) : undefined;
    // Not looking in a folder must not look like a package that is missing.
    const narrowed = packageFolders === undefined || !isMissing ? "" : leftOutFolders;
    problems.add(first.at.slice(0, 2), failure.message + narrowed, meant === undefined ? failure.hint : `did you mean ${meant}?`);
    if (failure.cause !== undefined) problems.causes.push(failure.cause);
  }
}
