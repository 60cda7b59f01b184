import { leavesOf, optionKeys, type OptionVisit } from "@statewave-connectors/connector-sdk/schema";
import { pullEntryTable, pushEntryTable } from "../schema/entry-tables.ts";
import type { ConnectorsConfig, InboxConfig, PullEntry, PushEntry, StateConfig } from "./connectors-config.ts";
import type { Table } from "../toml/parse-toml.ts";
import { formatPath, type Placement } from "../toml/toml-path.ts";

/** What has options of a package: a source's connector, a store or an inbox. */
export type OptionsOwner = PullEntry | PushEntry | StateConfig | InboxConfig;

/** How options were written, for printing them: the output of a package's schema may be anything. */
export interface OptionsProvenance {
  /** The package's own keys, `${…}` replaced. */
  readonly written: Table;
  /** Paths in `written` that print as `***`: marked secret, or from a `${…}`. */
  readonly hidden: ReadonlySet<string>;
}

const optionsProvenance = new WeakMap<object, OptionsProvenance>();
const hiddenKeys = new WeakMap<object, ReadonlySet<string>>();

/** Remembers how options were written. Kept beside their owner, not in it: who logs an entry must not log its secrets' paths with it. */
export function rememberOptions(owner: OptionsOwner, provenance: OptionsProvenance): void {
  optionsProvenance.set(owner, provenance);
}

/** The provenance of options, from where they stand in the file and what their schema marks as secret. */
export function toProvenance(
  written: Table,
  placeOf: Placement,
  secrets: readonly OptionVisit[],
  replaced: ReadonlySet<string>,
): OptionsProvenance {
  const hidden = new Set(secrets.filter(({ secret }) => secret === true).map((visit) => formatPath(visit.path)));
  if (replaced.size > 0) {
    for (const { path } of leavesOf(written, [])) {
      if (replaced.has(formatPath(placeOf(path)))) hidden.add(formatPath(path));
    }
  }
  return { written, hidden };
}

/** Remembers which values of our own tables came from a `${…}`, by the paths of the file. */
export function rememberReplaced(config: ConnectorsConfig, replaced: ReadonlySet<string>): void {
  if (replaced.size === 0) return;
  const { statewave, runner } = config;
  const { state, inbox, metrics } = runner;
  const tables: readonly (readonly [object, ...string[]])[] = [
    [statewave, "statewave"],
    [runner, "runner"],
    [state, "runner.state"],
    // An inbox without a kind has the state's.
    [inbox, "runner.state", "runner.inbox"],
    [metrics, "runner.metrics"],
    [metrics.auth, "runner.metrics.auth"],
    [config.connectorPackages, "connectors"],
    ...(config.privacy === undefined ? [] : [[config.privacy, "privacy"] as const]),
    ...(config.notices === undefined ? [] : [[config.notices, "runner.notices"] as const]),
    ...(config.notices?.notify ?? []).map((entry, index) => [entry, `notify[${index}]`] as const),
  ];
  for (const [table, ...paths] of tables) {
    hiddenKeys.set(table, new Set(paths.flatMap((path) => replacedKeys(path, replaced)).flatMap(configKeys)));
  }
  rememberEntryKeys(config.pull, "pull", replaced);
  rememberEntryKeys(config.push, "push", replaced);
}

/** Entries of a kind are in the order of the file. Their names stay visible: they stand in paths, metrics and logs. */
function rememberEntryKeys(entries: readonly (PullEntry | PushEntry)[], direction: string, replaced: ReadonlySet<string>): void {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    const index = counts.get(entry.kind) ?? 0;
    counts.set(entry.kind, index + 1);
    const keys = replacedKeys(formatPath([direction, entry.kind, index]), replaced).filter((key) => commonKeys.has(key));
    if (keys.length > 0) hiddenKeys.set(entry, new Set(keys.flatMap(configKeys)));
  }
}

/** An entry's other keys belong to its connector, which prints them by their own provenance. */
const commonKeys = new Set(
  [...(optionKeys(pullEntryTable) ?? []), ...(optionKeys(pushEntryTable) ?? [])].filter((key) => key !== "name"),
);

/** The keys under `path` whose value, or anything in it, was replaced. */
function replacedKeys(path: string, replaced: ReadonlySet<string>): readonly string[] {
  const prefix = `${path}.`;
  return [...replaced]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length).split(/[.[]/, 1)[0] ?? "");
}

/** What a key of the file may be called in the config: `max_body` is `maxBodyBytes` there; options of stores keep their names. */
function configKeys(key: string): readonly string[] {
  const camel = key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return [key, camel, `${camel}s`, `${camel}Ms`, `${camel}Bytes`];
}

/** How options were written; undefined for those that `loadConfig` did not make. */
export function provenanceOf(owner: OptionsOwner): OptionsProvenance | undefined {
  return optionsProvenance.get(owner);
}

/** The keys of a table of the config whose value came from a `${…}`. */
export function replacedKeysOf(table: object): ReadonlySet<string> {
  return hiddenKeys.get(table) ?? nothing;
}

const nothing: ReadonlySet<string> = new Set();
