import { type ConnectorsConfig, didYouMean } from "@statewave-connectors/config";
import { ConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, parseSourceKey } from "@statewave-connectors/connector-sdk/host";

export type EntryDirection = "pull" | "push";

/** Names one entry of a configuration: a pull and a push entry may have the same kind and name. */
export interface EntryName {
  readonly direction: EntryDirection;
  readonly source: SourceKey;
}

/** An entry as a person names it: `kind/name`, or `pull:kind/name` where both directions have that name. */
export interface TypedEntry {
  readonly direction?: EntryDirection;
  readonly source: SourceKey;
}

/** `pull:kind/name`. */
export function formatEntryName({ direction, source }: EntryName): string {
  return `${direction}:${formatSourceKey(source)}`;
}

/** Undefined when `text` has neither of the two forms. */
export function parseTypedEntry(text: string): TypedEntry | undefined {
  const prefix = (["pull", "push"] as const).find((direction) => text.startsWith(`${direction}:`));
  const source = parseSourceKey(prefix === undefined ? text : text.slice(prefix.length + 1));
  if (source === undefined) return undefined;
  return prefix === undefined ? { source } : { direction: prefix, source };
}

/** The inverse of {@link formatEntryName}. */
export function parseEntryName(text: string): EntryName | undefined {
  const { direction, source } = parseTypedEntry(text) ?? {};
  return direction === undefined || source === undefined ? undefined : { direction, source };
}

/** Every entry of a configuration, pulls first. */
export function entryNamesOf({ pull, push }: Pick<ConnectorsConfig, "pull" | "push">): readonly EntryName[] {
  return [...pull.map((entry) => toEntryName("pull", entry)), ...push.map((entry) => toEntryName("push", entry))];
}

function toEntryName(direction: EntryDirection, { kind, name }: SourceKey): EntryName {
  return { direction, source: { kind, name } };
}

/** The one of `known` that was typed. Throws `RUNNER_ENTRY_UNKNOWN` or `RUNNER_ENTRY_AMBIGUOUS`. */
export function chooseEntry(typed: TypedEntry, known: readonly EntryName[]): EntryName {
  const key = formatSourceKey(typed.source);
  const [first, second] = known.filter(
    ({ direction, source }) =>
      formatSourceKey(source) === key && (typed.direction === undefined || typed.direction === direction),
  );
  if (first === undefined) throw unknownEntry(typed, known);
  if (second !== undefined) throw ambiguousEntry(key);
  return first;
}

function unknownEntry({ direction, source }: TypedEntry, known: readonly EntryName[]): ConnectorsError {
  const key = formatSourceKey(source);
  const table = direction === undefined ? "entry" : `[[${direction}.${source.kind}]] entry`;
  const meant = didYouMean(
    key,
    known
      .filter((entry) => direction === undefined || entry.direction === direction)
      .map((entry) => formatSourceKey(entry.source)),
  );
  return new ConnectorsError({
    code: "RUNNER_ENTRY_UNKNOWN",
    message: `there is no ${table} named ${key}`,
    hint: meant === undefined ? "check the name against the configuration file" : `did you mean ${meant}?`,
  });
}

function ambiguousEntry(key: string): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_ENTRY_AMBIGUOUS",
    message: `${key} names a pull and a push entry`,
    hint: `name pull:${key} or push:${key}`,
  });
}
