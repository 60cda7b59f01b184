import { formatProblem } from "@statewave-connectors/config";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SurveyedSource } from "@statewave-connectors/connector-sdk/store";
import {
  type EarlierFile,
  type EntryPlan,
  madeText,
  type Migration,
  noteText,
  type StartPoint,
} from "@statewave-connectors/migrate";
import { counted } from "../../terminal/counted.ts";
import { toIso } from "../../terminal/json-style.ts";
import { fileFlags } from "../../terminal/repeat-config.ts";
import type { Terminal } from "../../terminal/terminal.ts";

/** An entry of the earlier file, and where it begins here. */
export interface MovedSource {
  readonly entry: EntryPlan;
  /** The cursor that the earlier runner stored. */
  readonly stored?: SurveyedSource | undefined;
  /** Of a pull source that can be moved. */
  readonly start?: StartPoint;
  /** Whether the new configuration has it. */
  readonly isConfigured?: boolean;
}

export interface Moved {
  readonly file: EarlierFile;
  /** The new file, as the operator names it. */
  readonly target: string;
  /** The words by which the operator called the program. */
  readonly program: string;
  /** The file of variables that the operator named. */
  readonly dotenvPath: string | undefined;
  readonly plan: Migration;
  readonly sources: readonly MovedSource[];
  /** Sources that have a cursor and no entry. */
  readonly orphans: readonly string[];
}

/** How a printed command names the program and its files. */
interface Calling {
  readonly program: string;
  readonly flags: string;
}

export interface PrintOptions {
  /** The file that was written. */
  readonly written: string | undefined;
  /** What to pass next, where nothing was done. */
  readonly next: string | undefined;
  readonly json: boolean;
}

type Outcome = "converted" | "started anew" | "not possible";

/** Prints the plan. No value of a secret is in it. */
export function printMigration({ stdout }: Pick<Terminal, "stdout">, moved: Moved, options: PrintOptions): void {
  stdout.write(options.json ? `${JSON.stringify(toJson(moved, options))}\n` : toText(moved, options));
}

function outcomeOf({ entry, start }: MovedSource): Outcome {
  if (entry.impossible !== undefined) return "not possible";
  return start?.type === "beginning" ? "started anew" : "converted";
}

/** The command that reads again what the earlier runner may have lost. */
function backfillCommand({ entry, start }: MovedSource, { program, flags }: Calling): string | undefined {
  if (start?.type !== "moment" || start.reread === undefined) return undefined;
  const { since, until } = start.reread;
  const range = `--since ${since} --until ${until}`;
  return `${program} backfill ${formatSourceKey(entry)} ${range}${flags} --yes`;
}

function seedCommand({ entry, start }: MovedSource, { program, flags }: Calling): string | undefined {
  if (start?.type !== "moment") return undefined;
  return `${program} state seed ${formatSourceKey(entry)} --since ${start.since}${flags} --yes`;
}

function toText(moved: Moved, { written, next }: PrintOptions): string {
  const { plan, sources, orphans, target } = moved;
  const { variables, ignored, unset, problems } = plan;
  const blocks = [
    sources.map((source) => sourceText(source, moved)).join(""),
    list("Ignored by the earlier runner, and left out:", ignored),
    list("Cursors of sources that the file does not name, and that are not moved:", orphans),
    list(
      "Set in the environment:",
      variables.map(({ name, about }) => `${name}: ${about}`),
    ),
    unset.length === 0 ? "" : `Without a value here, so that the plan is not complete: ${unset.join(", ")}\n`,
    list(`Fix in ${target} before the first start:`, problems.map(formatProblem)),
    twice,
    ...(written === undefined ? [] : [`written: ${written}\n`]),
    ...(next === undefined ? [] : [`${next}\n`]),
  ];
  return blocks.filter((block) => block !== "").join("\n");
}

function list(head: string, items: readonly string[]): string {
  return items.length === 0 ? "" : `${head}\n${items.map((item) => `  ${item}\n`).join("")}`;
}

const twice = `Idempotency keys of the two runners differ for most episodes.
Statewave stores an episode a second time if the earlier runner already delivered it and it is read again: docs/guides/migrate.md says how to avoid that.
`;

function sourceText(source: MovedSource, moved: Moved): string {
  const { entry, stored } = source;
  const head = `${entry.direction} ${entry.kind}/${entry.name}: ${outcomeOf(source)}`;
  if (entry.impossible !== undefined) return `${head}: ${entry.impossible}\n`;
  const facts = [
    ...(entry.isMade === true ? [madeText] : []),
    ...startLines(source, callingOf(moved)),
    ...(stored === undefined ? [] : [storedLine(stored)]),
    ...(source.isConfigured === false
      ? [`${moved.target} has no such entry: add it from the file that \`migrate --write\` writes`]
      : []),
    ...entry.notes.map(noteText),
  ];
  return `${head}\n${facts.map((fact) => `  ${fact}\n`).join("")}`;
}

function storedLine({ bytes, updatedAtMs }: SurveyedSource): string {
  const when = updatedAtMs === undefined ? "" : ` of ${toIso(updatedAtMs)}`;
  const why = "the earlier runner moved it past episodes that were not delivered";
  return `its cursor${when} (${counted(bytes, "byte")}) is not used: ${why}`;
}

/** What has a command find the new configuration and its variables. */
function callingOf({ program, target, dotenvPath }: Moved): Calling {
  return { program, flags: fileFlags({ configPath: target, dotenvPath }) };
}

function startLines(source: MovedSource, calling: Calling): readonly string[] {
  const { start } = source;
  if (start === undefined) return [];
  if (start.type === "beginning")
    return [
      "reads everything that the source offers, from its beginning; with --since it reads from then on, where its connector can",
    ];
  const commands = [seedCommand(source, calling), backfillCommand(source, calling)].filter((command) => command !== undefined);
  const { reread } = start;
  const range = reread === undefined ? "" : `, and ${reread.since} to ${reread.until} is read again beside it`;
  return [`begins at ${start.since}${range}:`, ...commands.map((command) => `  ${command}`)];
}

function toJson(moved: Moved, { written }: PrintOptions): unknown {
  const { file, target, plan, sources, orphans } = moved;
  const calling = callingOf(moved);
  return {
    from: file.path,
    to: target,
    written: written !== undefined,
    sources: sources.map((source) => ({
      source: `${source.entry.kind}/${source.entry.name}`,
      direction: source.entry.direction,
      outcome: outcomeOf(source),
      ...(source.entry.impossible !== undefined && { reason: source.entry.impossible }),
      options: source.entry.notes.map(({ option, to, fate, hadEffect }) => ({ option, to, fate, had_effect: hadEffect })),
      ...(source.start?.type === "moment" && {
        since: source.start.since,
        ...(source.start.reread && { read_again: source.start.reread }),
      }),
      commands: [seedCommand(source, calling), backfillCommand(source, calling)].filter((command) => command !== undefined),
    })),
    ignored: plan.ignored,
    orphans,
    variables: plan.variables.map(({ name, about }) => ({ name, about })),
    unset: plan.unset,
    problems: plan.problems.map(formatProblem),
  };
}
