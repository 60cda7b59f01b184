import {
  kindPattern,
  pullEntryTable,
  pushEntryTable,
  type Table,
  type VariableNames,
  variableOf,
  withReferences,
} from "@statewave-connectors/config/file";
import type { Connector } from "@statewave-connectors/connector-sdk";
import { isTable, optionKeys } from "@statewave-connectors/connector-sdk/schema";
import { type ConvertedOptions, convertOptions, type OptionNote, toReferences } from "./convert-options.ts";
import { type MovedDirection, usedOfEvery } from "./earlier-options.ts";
import { inEarlierFile, type PlannedVariable } from "./planned-variable.ts";

/** What becomes of an entry of the earlier file. */
export interface EntryPlan {
  readonly direction: MovedDirection;
  readonly kind: string;
  readonly name: string;
  /** Why it cannot be moved. */
  readonly impossible?: string;
  /** It is no entry of the earlier file: made for a receiver, from what that held. */
  readonly isMade?: true;
  /** The entry to write, empty where that is not possible. */
  readonly table: Table;
  readonly notes: readonly OptionNote[];
  readonly variables: readonly PlannedVariable[];
}

export interface ConversionFacts {
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly movedPath: (path: string) => string;
  readonly names: VariableNames;
}

/** Every entry of the earlier file, pull before push. A receiver gets the pull entry that reads what webhooks miss. */
export function planEntries(root: Table, facts: ConversionFacts): readonly EntryPlan[] {
  const pulls = entriesOf(root, "pull").map((entry) => planEntry(entry, facts));
  const pushes = entriesOf(root, "push").map((entry) => planEntry(entry, facts));
  const made: EntryPlan[] = [];
  const twinned = withoutRepeats(pushes).map((push) => {
    const twin =
      push.impossible === undefined ? (twinOf(push, [...pulls, ...made], root) ?? makeTwin(push, root, facts)) : undefined;
    if (twin === undefined) return push;
    if (!pulls.includes(twin) && !made.includes(twin)) made.push(twin);
    const { name, ...options } = push.table;
    const table = { name, pull: twin.name, ...options };
    return { ...push, table, notes: push.notes.map((note) => heldByTwin(note, twin)) };
  });
  return [...withoutRepeats(pulls), ...made, ...twinned];
}

interface RawEntry {
  readonly direction: MovedDirection;
  readonly kind: string;
  readonly table: unknown;
}

function entriesOf(root: Table, direction: MovedDirection): readonly RawEntry[] {
  const kinds = isTable(root[direction]) ? root[direction] : {};
  return Object.entries(kinds).flatMap(([kind, list]) =>
    (Array.isArray(list) ? list : [list]).map((table: unknown) => ({ direction, kind, table })),
  );
}

function planEntry({ direction, kind, table }: RawEntry, { connectors, movedPath, names }: ConversionFacts): EntryPlan {
  const name = isTable(table) && typeof table["name"] === "string" ? table["name"] : "";
  const empty = { direction, kind, name, table: {}, notes: [], variables: [] };
  const impossible = whyNot({ direction, kind, table }, name, connectors.get(kind));
  const schema = connectors.get(kind)?.[direction]?.config;
  if (impossible !== undefined || !isTable(table) || schema === undefined) return { ...empty, impossible: impossible ?? noTable };
  const { common, own, notes: commonNotes } = splitTable(direction, table);
  const converted = convertOptions({ direction, kind, own, schema, movedPath });
  const written = writeOptions({ direction, kind, name, schema, names }, converted);
  return {
    ...empty,
    table: { ...common, ...written.table },
    notes: [...commonNotes, ...converted.notes],
    variables: written.variables,
  };
}

const noTable = "it is no table of options";

function whyNot({ direction, kind, table }: RawEntry, name: string, connector: Connector | undefined): string | undefined {
  if (!isTable(table)) return noTable;
  if (!kindPattern.test(name)) return "it has no name of a-z, 0-9, - and _";
  if (connector === undefined) return `there is no connector for ${kind}`;
  if (connector[direction] === undefined)
    return `the connector for ${kind} ${direction === "pull" ? "reads nothing on a schedule" : "takes no webhooks"}`;
  return undefined;
}

const commonKeys: Readonly<Record<MovedDirection, readonly string[]>> = {
  pull: optionKeys(pullEntryTable) ?? [],
  push: optionKeys(pushEntryTable) ?? [],
};

function splitTable(
  direction: MovedDirection,
  table: Table,
): { readonly common: Table; readonly own: Table; readonly notes: readonly OptionNote[] } {
  const pairs = Object.entries(table);
  const isCommon = (key: string) => commonKeys[direction].includes(key);
  const common = Object.fromEntries(pairs.filter(([key]) => isCommon(key)).map(([key, value]) => [key, commonValue(key, value)]));
  const notes = Object.keys(common)
    .filter((key) => !usedOfEvery[direction].includes(key))
    .map((option) => ({ option, fate: "kept" as const, hadEffect: false }));
  return { common, own: Object.fromEntries(pairs.filter(([key]) => !isCommon(key))), notes };
}

/** The earlier runner took `Every 15 M`, too. */
function commonValue(key: string, value: unknown): unknown {
  const [, count, unit = ""] =
    (key === "schedule" && typeof value === "string" && /^every\s+(\d+)\s*([smhd])$/i.exec(value)) || [];
  return count === undefined ? toReferences(value) : `every ${count}${unit.toLowerCase()}`;
}

interface WrittenFor {
  readonly direction: MovedDirection;
  readonly kind: string;
  readonly name: string;
  readonly schema: unknown;
  readonly names: VariableNames;
}

/** Secrets become references, and so does what is required here and was not there. */
function writeOptions({ direction, kind, name, schema, names }: WrittenFor, { options, notes }: ConvertedOptions) {
  const place = `${kind}/${name}`;
  const about = (key: string | number = "") => `\`${key}\` of [[${direction}.${kind}]] "${name}"`;
  const { table, variables } = withReferences(options, schema, (path, value) =>
    names.claim(variableOf(`${kind}_${name}`, path), { place, value }),
  );
  const added = notes
    .filter(({ fate }) => fate === "added")
    .map(({ option: key }) => ({ key, name: names.claim(variableOf(`${kind}_${name}`, [key]), { place }) }));
  return {
    table: { ...table, ...Object.fromEntries(added.map(({ key, name: variable }) => [key, `\${${variable}}`])) },
    variables: [
      ...variables.map((variable) => inEarlierFile(variable, about(variable.path[0]))),
      ...added.map(({ key, name: variable }) => ({ name: variable, about: `${about(key)}: the earlier file has none` })),
    ],
  };
}

/** The pull of that kind that signs in with the same references, or has the same name, or is the only one. */
function twinOf(push: EntryPlan, pulls: readonly EntryPlan[], root: Table): EntryPlan | undefined {
  const same = pulls.filter(({ kind, impossible }) => kind === push.kind && impossible === undefined);
  const references = Object.entries(heldForPull(push, root)).filter(([, value]) => isReference(value));
  const signsIn = ({ table }: EntryPlan) => references.length > 0 && references.every(([key, value]) => table[key] === value);
  if (references.length > 0) return same.find(signsIn);
  return same.find(({ name }) => name === push.name) ?? (same.length === 1 ? same[0] : undefined);
}

/** What the receiver held and its pull entry holds here is not lost. */
function heldByTwin(note: OptionNote, { name, table }: EntryPlan): OptionNote {
  return note.fate === "left out" && Object.hasOwn(table, note.option)
    ? { ...note, why: `its pull entry "${name}" holds it` }
    : note;
}

function isReference(value: unknown): boolean {
  return typeof value === "string" && value.startsWith("${");
}

/** What a receiver held that only a pull entry holds here, such as credentials. */
function heldForPull(push: EntryPlan, root: Table): Table {
  const raw = entriesOf(root, "push").find(
    ({ kind, table }) => kind === push.kind && isTable(table) && table["name"] === push.name,
  )?.table;
  const left = push.notes.filter(({ fate, hadEffect }) => fate === "left out" && hadEffect).map(({ option }) => option);
  return isTable(raw) ? Object.fromEntries(left.map((option) => [option, raw[option]])) : {};
}

/** Where a receiver held what only a pull entry holds here, that entry is made: it reads what a notification reports. */
function makeTwin(push: EntryPlan, root: Table, facts: ConversionFacts): EntryPlan | undefined {
  const pullKeys = optionKeys(facts.connectors.get(push.kind)?.pull?.config) ?? [];
  const options = Object.entries(heldForPull(push, root)).filter(([key]) => pullKeys.includes(key));
  if (options.length === 0) return undefined;
  const table = { name: push.name, schedule: "every 1h", ...Object.fromEntries(options) };
  return { ...planEntry({ direction: "pull", kind: push.kind, table }, facts), isMade: true };
}

function withoutRepeats(entries: readonly EntryPlan[]): readonly EntryPlan[] {
  const seen = new Set<string>();
  return entries.map((entry) => {
    const key = `${entry.kind}/${entry.name}`;
    if (entry.impossible !== undefined || !seen.has(key)) {
      seen.add(key);
      return entry;
    }
    return { ...entry, impossible: "an entry before it has the same name", table: {}, notes: [], variables: [] };
  });
}
