import type { ConnectorsConfig } from "@statewave-connectors/config";
import { ConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import { nameHint } from "./name-hint.ts";

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
  requireEntry(typed, known);
  const [first, second] = known.filter((entry) => isTyped(entry, typed));
  if (first === undefined || second !== undefined) throw ambiguousEntry(formatSourceKey(typed.source));
  return first;
}

/** Throws `RUNNER_ENTRY_UNKNOWN` when none of `known` was typed. */
export function requireEntry(typed: TypedEntry, known: readonly EntryName[]): void {
  if (!known.some((entry) => isTyped(entry, typed))) throw unknownEntry(typed, known);
}

function isTyped({ direction, source }: EntryName, typed: TypedEntry): boolean {
  const isSame = formatSourceKey(source) === formatSourceKey(typed.source);
  return isSame && (typed.direction === undefined || typed.direction === direction);
}

/** The error for an entry that none of `known` is. */
export function unknownEntry({ direction, source }: TypedEntry, known: readonly EntryName[]): ConnectorsError {
  const key = formatSourceKey(source);
  const named = direction === undefined ? `entry named ${key}` : `[[${direction}.${source.kind}]] entry named "${source.name}"`;
  const others = known.filter((entry) => direction === undefined || entry.direction === direction);
  const turned = known.find((entry) => formatSourceKey(entry.source) === key);
  return new ConnectorsError({
    code: "RUNNER_ENTRY_UNKNOWN",
    message: `there is no ${named}`,
    hint:
      turned === undefined
        ? nameHint(
            key,
            others.map((entry) => formatSourceKey(entry.source)),
          )
        : `did you mean ${formatEntryName(turned)}?`,
  });
}

function ambiguousEntry(key: string): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_ENTRY_AMBIGUOUS",
    message: `${key} names a pull and a push entry`,
    hint: `name pull:${key} or push:${key}`,
  });
}
