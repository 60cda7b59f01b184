import { dirname } from "node:path";
import { type ConfigProblem, ConfigInvalidError, parseConfig, type ParsedConfig } from "@statewave-connectors/config";
import { VariableNames } from "@statewave-connectors/config/file";
import type { Connector } from "@statewave-connectors/connector-sdk";
import { describeOptions, isTable } from "@statewave-connectors/connector-sdk/schema";
import { type EarlierFile, earlierVariables } from "./earlier-file.ts";
import { type EntryPlan, planEntries } from "./plan-entries.ts";
import { type PlannedVariable, withEarlierValues } from "./planned-variable.ts";
import { pathMover, planTables, type TablesPlan } from "./plan-tables.ts";
import { writeToml } from "./write-toml.ts";

/** The new configuration, and what became of the earlier one. */
export interface Migration {
  readonly toml: string;
  readonly entries: readonly EntryPlan[];
  readonly variables: readonly PlannedVariable[];
  /** Keys of other tables that the earlier runner ignored. */
  readonly ignored: readonly string[];
  /** Variables without a value where this is planned; the new file is not checked to its end then. */
  readonly unset: readonly string[];
  /** What a person has to fix in the new file before it is used. */
  readonly problems: readonly ConfigProblem[];
  /** The new file, parsed; absent while variables are not set or something has to be fixed. */
  readonly parsed?: ParsedConfig;
}

export interface MigrationFacts {
  readonly file: EarlierFile;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly state: { readonly kind: string; readonly schema: unknown };
  /** Where the earlier runner was started: its relative paths begin there. */
  readonly cwd: string;
  /** The new file. */
  readonly target: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the machine: the earlier runner read cron schedules in it. */
  readonly timezone: string;
  readonly resolveFrom: readonly string[];
}

/** Plans the new file. Options that it does not accept are left out, as far as it can do without them. Writes nothing. */
export async function planMigration(facts: MigrationFacts): Promise<Migration> {
  const { file, connectors, state, target } = facts;
  const movedPath = pathMover(facts.cwd, dirname(target));
  const names = new VariableNames(earlierVariables(file));
  const tables = planTables(file.root, {
    state,
    movedPath,
    names,
    timezone: hasCron(file) && facts.timezone !== "UTC" ? facts.timezone : undefined,
  });
  let entries = planEntries(file.root, { connectors, movedPath, names });
  let checked = await check(tables, entries, facts);
  const accepted = withoutRefused(entries, checked.problems, connectors);
  if (accepted !== entries) {
    entries = accepted;
    checked = await check(tables, entries, facts);
  }
  const unset = checked.problems.flatMap((problem) => openVariable(problem) ?? []);
  const problems = checked.problems.filter((problem) => !isOpen(problem));
  return {
    ...checked,
    entries,
    variables: variablesOf(tables, entries),
    ignored: tables.ignored,
    unset: [...new Set(unset)],
    problems,
  };
}

async function check(tables: TablesPlan, entries: readonly EntryPlan[], { file, target, env, resolveFrom }: MigrationFacts) {
  const toml = writeToml(tables, entries, file.path);
  const known = withEarlierValues(env, variablesOf(tables, entries));
  try {
    const parsed = await parseConfig(toml, { baseDir: dirname(target), env: known, resolveFrom, name: target });
    return { toml, problems: [], parsed };
  } catch (error) {
    if (!(error instanceof ConfigInvalidError)) throw error;
    return { toml, problems: error.problems };
  }
}

function variablesOf(tables: TablesPlan, entries: readonly EntryPlan[]): readonly PlannedVariable[] {
  return [...tables.variables, ...entries.flatMap(({ variables }) => variables)];
}

/** Whether a problem is only that a variable has no value where this is planned. */
function isOpen(problem: ConfigProblem): boolean {
  return openVariable(problem) !== undefined;
}

function openVariable({ message }: ConfigProblem): string | undefined {
  return /environment variable (\w+) is (?:not set|empty)/.exec(message)?.[1];
}

const problemPath = /^(pull|push)\.([\w-]+)\[(\d+)\]\.([\w-]+)/;

/** The entries without the optional options that a problem is about; the same list where there are none. */
function withoutRefused(
  entries: readonly EntryPlan[],
  problems: readonly ConfigProblem[],
  connectors: ReadonlyMap<string, Connector>,
): readonly EntryPlan[] {
  const refused = problems.flatMap((problem) => {
    const [, direction, kind, index, key = ""] = problemPath.exec(problem.path) ?? [];
    const entry = entries.filter((each) => each.direction === direction && each.kind === kind && each.impossible === undefined)[
      Number(index)
    ];
    return entry === undefined || isOpen(problem) || !isOptional(entry, key, connectors)
      ? []
      : [{ entry, key, why: problem.message }];
  });
  if (refused.length === 0) return entries;
  return entries.map((entry) => {
    const own = refused.filter((each) => each.entry === entry);
    if (own.length === 0) return entry;
    const { table, notes } = entry;
    const keys = new Set(own.map(({ key }) => key));
    const noteOf = (key: string) => notes.find(({ option, to = option }) => to === key);
    return {
      ...entry,
      table: Object.fromEntries(Object.entries(table).filter(([key]) => !keys.has(key))),
      notes: [
        ...notes.filter(({ option, to = option }) => !keys.has(to)),
        ...own.map(({ key, why }) => ({
          option: noteOf(key)?.option ?? key,
          fate: "left out" as const,
          hadEffect: noteOf(key)?.hadEffect ?? true,
          why,
        })),
      ],
    };
  });
}

function isOptional({ direction, kind, notes }: EntryPlan, key: string, connectors: ReadonlyMap<string, Connector>): boolean {
  const isAdded = notes.some(({ option, fate }) => fate === "added" && option === key);
  return !isAdded && optionalKeys(connectors.get(kind)?.[direction]?.config).includes(key);
}

function optionalKeys(schema: unknown): readonly string[] {
  return describeOptions(schema)
    .filter(({ required }) => !required)
    .map(({ key }) => key);
}

function hasCron({ root }: EarlierFile): boolean {
  const kinds = isTable(root["pull"]) ? Object.values(root["pull"]).flat() : [];
  return kinds.some((entry) => isTable(entry) && typeof entry["schedule"] === "string" && !/^every\s/i.test(entry["schedule"]));
}
