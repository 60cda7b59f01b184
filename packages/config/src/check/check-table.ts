import { type ConfigSchema, Secret } from "@statewave-connectors/connector-sdk";
import {
  fixedMessagesOf,
  type HiddenTexts,
  issueMessage,
  issuePath,
  leavesOf,
  type OptionVisit,
  visitOptions,
} from "@statewave-connectors/connector-sdk/schema";
import { isSecret, rememberSecret } from "@statewave-connectors/connector-sdk/secrets";
import { passwordsOf } from "@statewave-connectors/connector-sdk/options";
import { coerceReplaced, runSchema, withValue } from "./coerce.ts";
import { didYouMean } from "./did-you-mean.ts";
import { issueHint, wordHint } from "./issue-hint.ts";
import type { Table } from "../toml/parse-toml.ts";
import { codePointOf, invisibleIn } from "../toml/toml-values.ts";
import type { ProblemList } from "./problems.ts";
import { formatPath, type Placement, type TomlPath } from "../toml/toml-path.ts";

export interface CheckContext {
  readonly problems: ProblemList;
  /** Paths whose string came from a `${…}`. */
  readonly replaced: ReadonlySet<string>;
  /** Keys of the same table that are checked elsewhere: they may be meant, too. */
  readonly otherKeys?: readonly string[];
  /** Whose options they are, e.g. `the kind "file"`: reported of a key that resembles none of them. */
  readonly owner?: string;
}

export interface CheckedTable<Output> {
  /** The schema's output; undefined when something was wrong, which is among the problems. */
  readonly value: Output | undefined;
  /** The secrets of the table, by the schema's marks; paths start at the table. */
  readonly secrets: readonly OptionVisit[];
  /** The table with strings from a `${…}` read as the schema wants them. */
  readonly table: Table;
}

/** Checks one table by its schema and adds everything that is wrong with it to the problems. */
export async function checkTable<Output>(
  schema: ConfigSchema<Output>,
  table: Table,
  placeOf: Placement,
  context: CheckContext,
): Promise<CheckedTable<Output>> {
  const { problems, replaced } = context;
  const visits = visitOptions(schema, table);
  const secrets = visits.filter((visit) => visit.secret !== false);
  const hasProblem = (path: TomlPath) => problems.has(placeOf(path));
  rememberSecrets(table, secrets, hasProblem);
  const unknown = visits.filter((visit) => visit.knownKeys !== undefined);
  for (const visit of unknown) addUnknownKey(visit, placeOf, context);
  try {
    const result = await runSchema(schema, table);
    const settled =
      result.issues === undefined ? { result, table } : await coerceReplaced(schema, table, result.issues, placeOf, replaced);
    const { issues } = settled.result;
    if (issues === undefined) {
      const value = unknown.length === 0 ? settled.result.value : undefined;
      return { value, secrets, table: await withSecrets(schema, settled.table, { secrets, hasProblem }) };
    }
    const fixedMessages = fixedMessagesOf(schema);
    for (const issue of issues) {
      const path = issuePath(issue);
      const hidden = hiddenTexts(path, table, placeOf, secrets, replaced);
      // How to write a value in TOML does not help where it comes from elsewhere.
      const isReplaced = replaced.has(formatPath(placeOf(path)));
      const hint = isReplaced ? wordHint(issue) : issueHint(schema, issue, placeOf(path));
      problems.add(placeOf(path), issueMessage(issue, hidden, fixedMessages), hint);
    }
  } catch (error) {
    // The thrown message may quote any value of the table.
    problems.add(
      placeOf([]),
      `its schema failed with ${error instanceof Error ? error.name : "an error"}`,
      "report it to the author of the package",
    );
  }
  return { value: undefined, secrets, table };
}

/** A `${…}` that could not be replaced is no secret: masked, its problem would not say which file is meant. */
function isUnreplaced({ text, path }: { readonly text: string; readonly path: TomlPath }, hasProblem: HasProblem): boolean {
  return /^\$\{[^{}]*\}$/.test(text) && hasProblem(path);
}

type HasProblem = (path: TomlPath) => boolean;

/** Remembers every marked value and the password of every URL, so that they are masked before a problem of the table is reported. */
export function rememberSecrets(table: Table, secrets: readonly OptionVisit[], hasProblem: HasProblem = () => false): void {
  for (const { value, path, secret } of secrets) {
    for (const leaf of secret === true ? leavesOf(value, path) : []) {
      if (!isUnreplaced(leaf, hasProblem)) rememberSecret(leaf.text);
    }
  }
  for (const { text } of leavesOf(table, [])) for (const password of passwordsOf(text)) rememberSecret(password);
}

/** The table with `Secret` values, for a package that checks it again when it opens. If its schema accepts only text, it gets text. */
async function withSecrets(
  schema: ConfigSchema,
  table: Table,
  { secrets, hasProblem }: { readonly secrets: readonly OptionVisit[]; readonly hasProblem: HasProblem },
): Promise<Table> {
  const texts = secrets
    .filter(({ secret }) => secret === true)
    .flatMap(({ value, path }) => leavesOf(value, path))
    .filter((leaf) => !isSecret(leaf.value) && !isUnreplaced(leaf, hasProblem));
  if (texts.length === 0) return table;
  const made = texts.reduce((changed, { path, text }) => withValue(changed, path, new Secret(text)), table);
  return (await runSchema(schema, made)).issues === undefined ? made : table;
}

function addUnknownKey(visit: OptionVisit, placeOf: Placement, context: CheckContext): void {
  const otherKeys = visit.path.length === 1 ? (context.otherKeys ?? []) : [];
  const key = String(visit.path.at(-1));
  const meant = didYouMean(key, [...(visit.knownKeys ?? []), ...otherKeys]);
  const owned = context.owner === undefined ? undefined : `${context.owner} has no such option`;
  const invisible = invisibleIn(key);
  const message =
    invisible === undefined ? "unknown key" : `unknown key: it holds the invisible character ${codePointOf(invisible)}`;
  context.problems.add(placeOf(visit.path), message, meant === undefined ? owned : `did you mean ${meant}?`);
}

function hiddenTexts(
  path: readonly (string | number)[],
  table: Table,
  placeOf: Placement,
  secrets: readonly OptionVisit[],
  replaced: ReadonlySet<string>,
): HiddenTexts {
  const [here, elsewhere]: [string[], string[]] = [[], []];
  const put = (leafPath: TomlPath, text: string) => (startsWith(leafPath, path) ? here : elsewhere).push(text);
  for (const { value, path: at, secret } of secrets) {
    for (const leaf of leavesOf(value, at)) if (secret === true || mayHoldPassword(leaf.text)) put(leaf.path, leaf.text);
  }
  for (const leaf of leavesOf(table, [])) {
    if (replaced.has(formatPath(placeOf(leaf.path)))) put(leaf.path, leaf.text);
  }
  return { here, elsewhere };
}

/** What is plainly a URL or an address, without user info, query and fragment: it is shown, because it helps to correct the mistake. */
const plainUrl = /^([a-z][a-z0-9+.-]{0,20}:\/\/[^@?#]*|[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?(\/[^@?#]*)?|[a-z0-9-]+:\d{1,5})$/i;

/** A text that is neither a URL nor an address may be a password that landed in the wrong option. */
function mayHoldPassword(text: string): boolean {
  return !plainUrl.test(text) && !text.startsWith("file:");
}

function startsWith(path: TomlPath, prefix: TomlPath): boolean {
  return prefix.every((segment, index) => path[index] === segment);
}
