import { type Connector, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { isTable, optionKeys } from "@statewave-connectors/connector-sdk/schema";
import { type CheckContext, checkTable } from "./check-table.ts";
import type { PullEntry, PushEntry } from "../result/connectors-config.ts";
import { pullEntryTable, pushEntryTable } from "../schema/entry-tables.ts";
import { kindPattern } from "../schema/kind.ts";
import { didYouMean } from "./did-you-mean.ts";
import { newTable, type Table } from "../toml/parse-toml.ts";
import type { ProblemList } from "./problems.ts";
import { parseSchedule, type Schedule, scheduleHint } from "../schedule/schedule.ts";
import { type OptionsProvenance, rememberOptions, toProvenance } from "../result/provenance.ts";
import { below, formatPath, type TomlPath } from "../toml/toml-path.ts";

/** An entry as it stands in the file. */
export interface RawEntry {
  readonly kind: string;
  readonly at: TomlPath;
  readonly table: Table;
}

export interface EntryContext extends CheckContext {
  readonly timezone: string;
  /** Kinds that could not be loaded are missing: their entries' own options stay unchecked, and that problem is reported elsewhere. */
  readonly connectors: ReadonlyMap<string, Connector>;
}

const pullKeys = optionKeys(pullEntryTable) ?? [];
const pushKeys = optionKeys(pushEntryTable) ?? [];

/** The `[[pull.<kind>]]` or `[[push.<kind>]]` entries of a file. */
export function listEntries(
  root: Table,
  direction: "pull" | "push",
  { problems, knownKinds }: { readonly problems: ProblemList; readonly knownKinds: () => readonly string[] },
): readonly RawEntry[] {
  const kinds = root[direction] ?? {};
  if (!isTable(kinds)) {
    problems.add(
      [direction],
      `expected entries under [[${direction}.<kind>]]`,
      `write [[${direction}.<kind>]] with its keys below`,
    );
    return [];
  }
  return Object.entries(kinds).flatMap(([kind, list]) => {
    const at = [direction, kind];
    if (!kindPattern.test(kind)) {
      problems.add(at, kindMessage, kindHint(kind, knownKinds()));
      return [];
    }
    if (Array.isArray(list) && list.every(isTable)) return list.map((table, index) => ({ kind, at: [...at, index], table }));
    if (isTable(list)) problems.add(at, "expected a list of tables", `write [[${formatPath(at)}]] with two brackets`);
    else
      problems.add(
        at,
        `expected entries under [[${direction}.<kind>]]`,
        `write the keys of an entry below its own [[${direction}.<kind>]]`,
      );
    return [];
  });
}

export const kindMessage = "a kind is a-z, 0-9, - and _, beginning with a letter or digit";

/** The kind that was meant by one that none can be called. */
export function kindHint(kind: string, knownKinds: readonly string[]): string | undefined {
  const meant = didYouMean(kind.replaceAll(" ", ""), knownKinds);
  if (meant !== undefined) return `did you mean ${meant}?`;
  const small = kind.toLowerCase();
  return kindPattern.test(small) ? `write ${small}` : undefined;
}

export async function checkPullEntries(entries: readonly RawEntry[], context: EntryContext): Promise<readonly PullEntry[]> {
  checkNames(entries, context.problems);
  const checked: PullEntry[] = [];
  for (const raw of entries) {
    const { common, own } = split(raw.table, pullKeys);
    const { value } = await checkTable(pullEntryTable, common, below(raw.at), context);
    const schedule = checkSchedule(raw, context);
    const options = await checkOwn(raw, own, "pull", { ...context, otherKeys: pullKeys });
    if (value === undefined || schedule === undefined || options === undefined) continue;
    const entry: PullEntry = {
      kind: raw.kind,
      name: value.name,
      schedule,
      ...(value.subject !== undefined && { subject: value.subject }),
      ...(value.redact !== undefined && { redact: value.redact }),
      ...(value.max_items !== undefined && { maxItems: value.max_items }),
      dryRun: value.dry_run,
      catchUp: value.catch_up,
      options: options.value,
    };
    rememberOptions(entry, options.provenance);
    checked.push(entry);
  }
  return checked;
}

export async function checkPushEntries(
  entries: readonly RawEntry[],
  pullEntries: readonly RawEntry[],
  context: EntryContext,
): Promise<readonly PushEntry[]> {
  checkNames(entries, context.problems);
  const checked: PushEntry[] = [];
  for (const raw of entries) {
    const { common, own } = split(raw.table, pushKeys);
    const { value } = await checkTable(pushEntryTable, common, below(raw.at), context);
    checkTwin(raw, pullEntries, context.problems);
    const options = await checkOwn(raw, own, "push", { ...context, otherKeys: pushKeys });
    if (value === undefined || options === undefined) continue;
    const entry: PushEntry = {
      kind: raw.kind,
      name: value.name,
      ...(value.subject !== undefined && { subject: value.subject }),
      ...(value.redact !== undefined && { redact: value.redact }),
      ...(value.pull !== undefined && { pull: value.pull }),
      options: options.value,
    };
    rememberOptions(entry, options.provenance);
    checked.push(entry);
  }
  return checked;
}

function split(table: Table, commonKeys: readonly string[]): { readonly common: Table; readonly own: Table } {
  const [common, own] = [newTable(), newTable()];
  for (const key of Object.keys(table)) (commonKeys.includes(key) ? common : own)[key] = table[key];
  return { common, own };
}

/** `(kind, name)` keys cursors and mounts: two entries of one name would share them. */
function checkNames(entries: readonly RawEntry[], problems: ProblemList): void {
  const seen = new Map<string, TomlPath>();
  for (const { kind, at, table } of entries) {
    if (typeof table["name"] !== "string") continue;
    const key = `${kind}/${table["name"]}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, at);
    else
      problems.add([...at, "name"], `the name is taken by ${problems.nameOf(first)}`, "give each entry of a kind its own name");
  }
}

/** Apart from the other keys, so that a fault in one of them does not hide one in the schedule. */
function checkSchedule({ kind, table, at }: RawEntry, context: EntryContext): Schedule | undefined {
  const path = [...at, "schedule"];
  const text = table["schedule"];
  if (typeof text !== "string" || context.problems.has(path)) return undefined;
  try {
    return parseSchedule(text, { timezone: context.timezone, key: `${kind}/${String(table["name"])}` });
  } catch (error) {
    if (!isConnectorsError(error)) throw error;
    if (context.replaced.has(formatPath(path))) context.problems.add(path, "*** is not a schedule", scheduleHint);
    else context.problems.add(path, error.message, error.hint);
    return undefined;
  }
}

/** Any pull entry in the file can be a twin, also one with other problems. */
function checkTwin({ kind, at, table }: RawEntry, pullEntries: readonly RawEntry[], problems: ProblemList): void {
  const twin = table["pull"];
  if (typeof twin !== "string") return;
  const names = pullEntries.filter((entry) => entry.kind === kind).map((entry) => String(entry.table["name"]));
  if (names.includes(twin)) return;
  const meant = didYouMean(twin, names);
  const hint = meant === undefined ? "name the pull entry that reads what webhooks missed" : `did you mean ${meant}?`;
  problems.add([...at, "pull"], `there is no [[pull.${kind}]] entry of this name`, hint);
}

/** The connector's own keys, by its own schema. */
async function checkOwn(
  raw: RawEntry,
  own: Table,
  direction: "pull" | "push",
  context: EntryContext,
): Promise<{ readonly value: unknown; readonly provenance: OptionsProvenance } | undefined> {
  const connector = context.connectors.get(raw.kind);
  if (connector === undefined) return undefined;
  const declaration = connector[direction];
  if (declaration === undefined) {
    const other = direction === "pull" ? "push" : "pull";
    context.problems.add([direction, raw.kind], `the connector has no ${direction}`, `write [[${other}.${raw.kind}]] instead`);
    return undefined;
  }
  const problemsBefore = context.problems.size;
  const { value, secrets } = await checkTable<unknown>(declaration.config, own, below(raw.at), context);
  if (context.problems.size > problemsBefore) return undefined;
  return { value, provenance: toProvenance(own, below(raw.at), secrets, context.replaced) };
}
