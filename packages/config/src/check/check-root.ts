import { dirname, resolve } from "node:path";
import type { Connector } from "@statewave-connectors/connector-sdk";
import { isTable } from "@statewave-connectors/connector-sdk/schema";
import type { Distrust } from "../adapters/code-trust.ts";
import type { AdapterMaps } from "../adapters/given-adapters.ts";
import { installedKinds } from "../adapters/installed-kinds.ts";
import { loadKinds } from "../adapters/load-connectors.ts";
import { folderOf } from "../adapters/resolve-package.ts";
import type { ConnectorsConfig } from "../result/connectors-config.ts";
import { rememberOptions } from "../result/provenance.ts";
import { toNoticesConfig, toRunnerConfig, toStatewaveConfig } from "../result/to-config.ts";
import { kindPattern } from "../schema/kind.ts";
import { privacyTable } from "../schema/privacy-table.ts";
import { runnerTable } from "../schema/runner-table.ts";
import { statewaveTable } from "../schema/statewave-table.ts";
import { isTimezone } from "../schedule/schedule.ts";
import type { Table } from "../toml/parse-toml.ts";
import { below } from "../toml/toml-path.ts";
import { checkAdapters } from "./check-adapters.ts";
import { checkAddresses } from "./check-addresses.ts";
import { checkCaFile } from "./check-ca-file.ts";
import { checkFilePlaces } from "./check-file-places.ts";
import { checkPullEntries, checkPushEntries, listEntries } from "./check-entries.ts";
import { addLoadProblems, checkPackages, refusePaths } from "./check-packages.ts";
import { checkNotify } from "./check-notify.ts";
import { checkPrivacy, checkRuleNames } from "./check-privacy.ts";
import { type CheckContext, checkTable } from "./check-table.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { ProblemList } from "./problems.ts";

const rootKeys = ["statewave", "runner", "privacy", "notify", "connectors", "pull", "push"];

/** What the tables of a file are checked with. */
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

/** A configuration without a mistake, and the connectors that its entries name, by kind. */
export interface CheckedRoot {
  readonly config: ConnectorsConfig;
  readonly connectors: ReadonlyMap<string, Connector>;
}

/** Checks every table of a file and loads what it names. Undefined when there are problems: all are in the context's list. */
export async function checkRoot(
  root: Table,
  { path, baseDir = dirname(path), from, given, packageFolders, distrust, requireEntries }: RootFacts,
  context: CheckContext,
): Promise<CheckedRoot | undefined> {
  const { problems } = context;
  for (const key of Object.keys(root)) {
    if (rootKeys.includes(key)) continue;
    problems.add([key], isTable(root[key]) ? "unknown table" : "unknown key", unknownTableHint(key, root[key], from));
  }
  const statewave = (await checkTable(statewaveTable, tableAt(root, "statewave", problems), below(["statewave"]), context)).value;
  const runnerRoot = tableAt(root, "runner", problems);
  const runner = (await checkTable(runnerTable, runnerRoot, below(["runner"]), context)).value;
  const adapters = await checkAdapters(runnerRoot, { from, given }, context);
  if (adapters !== undefined && runner !== undefined) {
    const places = { baseDir, stateDir: resolve(baseDir, runner.state_dir) };
    checkFilePlaces(adapters, statewave?.url, places, problems);
  }
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
  const notify = await checkNotify(root, context);
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
    ...(notify.length > 0 && { notices: toNoticesConfig(notify, runner.notices) }),
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
  if (key === "include") return "write it into a file that is loaded by its path";
  const meant = didYouMean(key, rootKeys);
  if (meant !== undefined) return `did you mean ${meant}?`;
  if (!isTable(value) && !Array.isArray(value)) return `write it below its table: one of ${rootKeys.join(", ")}`;
  const kind = installedKinds("connector", from.map(folderOf)).includes(key) ? key : kindOfEntries(value);
  return kind === undefined ? undefined : `write [[pull.${kind}]] or [[push.${kind}]]`;
}

/** The kind of entries under a word that is no direction: `[[source.github]]`. */
function kindOfEntries(value: unknown): string | undefined {
  if (!isTable(value)) return undefined;
  return Object.keys(value).find((kind) => kindPattern.test(kind) && Array.isArray(value[kind]) && value[kind].every(isTable));
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

function addNoEntries(problems: ProblemList): void {
  problems.add(
    [],
    "no source: there is no [[pull.<kind>]] and no [[push.<kind>]] entry",
    "add one; the README of each connector shows its options",
  );
}
