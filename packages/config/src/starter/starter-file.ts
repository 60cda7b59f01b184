import { describeOptions, leavesOf, type OptionDescription, type OptionPath } from "@statewave-connectors/connector-sdk/schema";
import { passwordsOf } from "@statewave-connectors/connector-sdk/options";
import { pullEntryTable, pushEntryTable } from "../schema/entry-tables.ts";
import { runnerTable } from "../schema/runner-table.ts";
import { statewaveTable } from "../schema/statewave-table.ts";
import type { Table } from "../toml/parse-toml.ts";
import { variableOf, withReferences } from "../trial/entry-toml.ts";
import { VariableNames } from "../trial/variable-names.ts";
import { firstOptions } from "./first-options.ts";
import { comment, commentedOption, line } from "./toml-text.ts";

/** An entry of a first file. */
export interface StarterEntry {
  readonly direction: "pull" | "push";
  readonly kind: string;
  readonly name: string;
  /** The connector's own options as far as they are known. Secrets among them do not reach the file. */
  readonly options: Table;
  /** The schema of those options. */
  readonly schema: unknown;
  /** Of a pull. */
  readonly schedule?: string | undefined;
  /** Of a push: its twin. */
  readonly pull?: string | undefined;
  /** What `[connectors]` must say for the connector to be found. */
  readonly override?: string | undefined;
}

/** What a first file is made of. */
export interface StarterPlan {
  readonly statewaveUrl: string;
  readonly state: { readonly kind: string; readonly options: Table; readonly schema: unknown };
  readonly entries: readonly StarterEntry[];
}

/** A variable that the file refers to. */
export interface StarterVariable {
  readonly name: string;
  /** What it is for. */
  readonly about: string;
  /** Where it is known. */
  readonly value?: string;
}

/** The text of a first file, and what it refers to. */
export interface StarterFile {
  readonly toml: string;
  readonly variables: readonly StarterVariable[];
}

/** The configuration of a plan, explained key by key. Its secrets are references, and no value of a secret is in it. */
export function starterFile(plan: StarterPlan): StarterFile {
  const variables = new VariableList();
  const blocks = [
    head,
    statewaveBlock(plan.statewaveUrl, variables),
    `${comment("The process: its port, its limits.")}# [runner]\n${optionsOf(runnerTable, ["port", "log_format"]).map(commentedOption).join("")}`,
    stateBlock(plan.state, variables),
    connectorsBlock(plan.entries),
    ...plan.entries.map((entry) => entryBlock(entry, plan.entries, variables)),
  ];
  return { toml: blocks.filter((block) => block !== "").join("\n"), variables: variables.list };
}

/** What the first line of the file names. */
export const schemaFileName = "statewave-connectors.schema.json";

const head = `#:schema ./${schemaFileName}
${comment(
  "Written by `statewave-connectors init`. Change what you like: `statewave-connectors validate-config` checks it. " +
    "Secrets are not in this file: ${NAME} is read from the environment, or with --dotenv from a file such as .env. " +
    "Keys behind a # have the value that is shown, or are not set.",
)}`;

class VariableList {
  readonly #names = new VariableNames();
  readonly #found = new Map<string, StarterVariable>();

  /** Of the options at one place of the file: `GITHUB_TOKEN`, with a number behind it where that stands for another value. */
  namer(prefix: string, place: string): NameOf {
    return (path, value) => this.#names.claim(variableOf(prefix, path), { place, value });
  }

  add(variable: StarterVariable): string {
    const known = this.#found.get(variable.name);
    if (known?.value === undefined) this.#found.set(variable.name, { ...known, ...variable });
    return `\${${variable.name}}`;
  }

  get list(): readonly StarterVariable[] {
    return [...this.#found.values()];
  }
}

type NameOf = (path: OptionPath, value?: string) => string;

function statewaveBlock(url: string, variables: VariableList): string {
  const hasPassword = passwordsOf(url).length > 0;
  const written = hasPassword ? variables.add({ name: "STATEWAVE_URL", about: "[statewave] url", value: url }) : url;
  for (const name of referencesIn(url)) variables.add({ name, about: "[statewave] url" });
  // A reference may be one to a server.
  const isServer = /^(?:https?:|\$\{)/i.test(url);
  const [urlOption, keyOption] = optionsOf(statewaveTable, ["url", "api_key"]);
  if (isServer) variables.add({ name: "STATEWAVE_API_KEY", about: "[statewave] api_key; empty: none" });
  const key = explained(keyOption, "${STATEWAVE_API_KEY:-}");
  return `[statewave]\n${explained(urlOption, written)}${isServer ? key : key.replace(/^api_key/m, "# api_key")}`;
}

function stateBlock({ kind, options, schema }: StarterPlan["state"], variables: VariableList): string {
  const nameOf = variables.namer(kind, "[runner.state]");
  const own = ownOptions({ options, schema, nameOf, about: "[runner.state]" }, variables);
  return `${comment("Cursors, leases and webhooks that wait.")}[runner.state]\n${line("kind", kind)}${own}`;
}

function connectorsBlock(entries: readonly StarterEntry[]): string {
  const lines = new Set(entries.flatMap(({ kind, override }) => (override === undefined ? [] : [line(kind, override)])));
  return lines.size === 0
    ? ""
    : `${comment("Connectors whose package has another name than usual.")}[connectors]\n${[...lines].join("")}`;
}

function entryBlock(entry: StarterEntry, all: readonly StarterEntry[], variables: VariableList): string {
  const { direction, kind, name, options, schema } = entry;
  const isAlone = all.every((other) => other.kind !== kind || other.name === name);
  const nameOf = variables.namer(isAlone ? kind : `${kind}_${name}`, `${kind}/${name}`);
  const table = direction === "pull" ? pullEntryTable : pushEntryTable;
  const [nameOption, scheduleOption, twinOption] = ["name", "schedule", "pull"].map((key) => optionsOf(table, [key])[0]);
  const common = [
    explained(nameOption, name),
    ...(direction === "pull" ? [explained(scheduleOption, entry.schedule ?? defaultSchedule)] : []),
    ...(entry.pull === undefined ? [] : [explained(twinOption, entry.pull)]),
  ];
  const about = `[[${direction}.${kind}]] "${name}"`;
  return `[[${direction}.${kind}]]\n${common.join("")}${ownOptions({ options, schema, nameOf, about }, variables)}`;
}

/** How often a source is read that names nothing else. */
export const defaultSchedule = "every 15m";

interface OwnOptions {
  readonly options: Table;
  readonly schema: unknown;
  readonly nameOf: NameOf;
  /** Where the options stand. */
  readonly about: string;
}

/** What is given, what a first entry needs besides, and behind a # what else there is. */
function ownOptions({ options, schema, nameOf, about }: OwnOptions, variables: VariableList): string {
  const described = describeOptions(schema);
  const { table, variables: secrets } = withReferences(options, schema, nameOf);
  for (const { name, value } of secrets) variables.add({ name, value, about });
  for (const [key, value] of Object.entries(options))
    for (const name of referencesIn(value)) variables.add({ name, about: `${about} ${key}` });
  const isNeeded = firstOptions(schema, options);
  const text = described.map((option) => {
    const { key } = option;
    if (Object.hasOwn(table, key)) return explained(option, table[key]);
    if (!isNeeded.has(key)) return commentedOption(option);
    if (option.example !== undefined && !option.secret) return explained(option, option.example, "An example: write your own.");
    const name = nameOf([key]);
    const reference = variables.add({ name, about: `${about} ${key}${option.required ? "" : "; may be empty"}` });
    return explained(option, option.type.startsWith("list") ? [reference] : reference);
  });
  const others = Object.keys(table).filter((key) => !described.some((option) => option.key === key));
  return [...text, ...others.map((key) => line(key, table[key]))].join("");
}

/** The variables that a value refers to. One with a default needs no value. */
function referencesIn(value: unknown): readonly string[] {
  return leavesOf(value).flatMap(({ text }) =>
    Array.from(text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]{0,200})\}/g), ([, name = ""]) => name),
  );
}

function optionsOf(schema: unknown, keys: readonly string[]): readonly OptionDescription[] {
  const described = describeOptions(schema);
  return keys.flatMap((key) => described.filter((option) => option.key === key));
}

function explained(option: OptionDescription | undefined, value: unknown, note = ""): string {
  if (option === undefined) return "";
  return `${comment([option.description, note].filter((text) => text !== "").join(" "))}${line(option.key, value)}`;
}
