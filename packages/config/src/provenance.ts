import type { ConnectorsConfig, PullEntry, PushEntry } from "./connectors-config.ts";
import type { Table } from "./parse-toml.ts";
import { formatPath } from "./toml-path.ts";

/** How an entry was written, for printing it: the output of a connector's schema may be anything. */
export interface EntryProvenance {
  /** The connector's own keys, `${…}` replaced. */
  readonly written: Table;
  /** Paths in `written` that print as `***`: marked secret, or from a `${…}`. */
  readonly hidden: ReadonlySet<string>;
  /** The values that are marked secret. */
  readonly secrets: readonly string[];
}

const entryProvenance = new WeakMap<object, EntryProvenance>();
const hiddenKeys = new WeakMap<object, ReadonlySet<string>>();

/** Remembers how an entry was written. Kept beside it, not in it: who logs an entry must not log its secrets' paths with it. */
export function rememberEntry(entry: PullEntry | PushEntry, provenance: EntryProvenance): void {
  entryProvenance.set(entry, provenance);
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
    [state.options, "runner.state"],
    [inbox, "runner.inbox"],
    // An inbox without a kind has options of both.
    [inbox.options, "runner.state", "runner.inbox"],
    [metrics, "runner.metrics"],
    [metrics.auth, "runner.metrics.auth"],
    [config.connectorPackages, "connectors"],
  ];
  for (const [table, ...paths] of tables) hiddenKeys.set(table, new Set(paths.flatMap((path) => replacedKeys(path, replaced))));
  rememberEntryKeys(config.pull, "pull", replaced);
  rememberEntryKeys(config.push, "push", replaced);
}

/** Entries of a kind are in the order of the file. Their names stay visible: they stand in paths, metrics and logs. */
function rememberEntryKeys(entries: readonly (PullEntry | PushEntry)[], direction: string, replaced: ReadonlySet<string>): void {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    const index = counts.get(entry.kind) ?? 0;
    counts.set(entry.kind, index + 1);
    const keys = entryKeys.filter((key) => replaced.has(formatPath([direction, entry.kind, index, key])));
    if (keys.length > 0) hiddenKeys.set(entry, new Set(keys.flatMap(configKeys)));
  }
}

const entryKeys = ["schedule", "subject", "max_items", "dry_run", "catch_up"];

/** The keys under `path` whose value, or anything in it, was replaced. */
function replacedKeys(path: string, replaced: ReadonlySet<string>): readonly string[] {
  const prefix = `${path}.`;
  return [...replaced]
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => configKeys(/^[^.[]*/.exec(name.slice(prefix.length))![0]));
}

/** What a key of the file may be called in the config: `max_body` is `maxBodyBytes` there; options of stores keep their names. */
function configKeys(key: string): readonly string[] {
  const camel = key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return [key, camel, `${camel}Ms`, `${camel}Bytes`, `${camel}Text`];
}

/** How an entry was written; undefined for one that `loadConfig` did not make. */
export function provenanceOf(entry: PullEntry | PushEntry): EntryProvenance | undefined {
  return entryProvenance.get(entry);
}

/** The keys of a table of the config whose value came from a `${…}`. */
export function replacedKeysOf(table: object): ReadonlySet<string> {
  return hiddenKeys.get(table) ?? nothing;
}

const nothing: ReadonlySet<string> = new Set();

/** Names under which nothing is ever shown. Options of stores have no schema that could mark them. */
export const secretName = /^(api_?key|token|password|secret)$|_(token|password|secret)$/i;
