import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { loadConfig, type ParsedConfig } from "@statewave-connectors/config";
import { knownAdapters } from "@statewave-connectors/config/adapters";
import { type Connector, ConnectorsError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { StoreSurvey } from "@statewave-connectors/connector-sdk/store";
import {
  type EarlierFile,
  type Migration,
  planMigration,
  planStart,
  readEarlierFile,
  readEarlierState,
  refuseSamePlace,
  surveyEarlier,
} from "@statewave-connectors/migrate";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { writeFiles } from "../setup/write-files.ts";
import { type Moved, type MovedSource, printMigration } from "./print-migration.ts";
import { carryOut } from "./carry-out.ts";
import { instantForms, parseInstantMs } from "../parse-instant.ts";
import type { CommandContext } from "../command-context.ts";

export interface MigrateOptions {
  readonly write?: string;
  readonly force?: boolean;
  readonly since?: string;
  /** False: the cursors are not looked at. */
  readonly state: boolean;
  readonly yes?: boolean;
  readonly as?: string;
  readonly json?: boolean;
}

/** Plans the move from `@statewavedev/connectors-runner`, prints the plan, and with `write` or `yes` carries it out. */
export async function migrate(context: CommandContext, from: string, options: MigrateOptions): Promise<ExitCode> {
  const { terminal, configOptions, resolveFrom } = context;
  const target = options.write ?? configOptions.configPath;
  const nowMs = Date.now();
  const sinceMs = options.since === undefined ? undefined : parseInstantMs(options.since, nowMs);
  const fault = usageFault(options, { target, sinceMs });
  if (fault !== undefined) {
    terminal.stderr.write(`error: ${fault}\n`);
    return exitCode.usage;
  }
  const file = await readEarlierFile(from, terminal.cwd);
  const named = target ?? unlike(file, terminal.cwd);
  const targetPath = resolve(terminal.cwd, named);
  if (options.write !== undefined) refuseItself(file, targetPath);
  const earlier = readEarlierState(file, terminal.cwd, terminal.env);
  const survey = options.state ? await surveyEarlier(earlier, terminal.cwd, resolveFrom) : { sources: [] };
  const plan = await planOf(context, file, { kind: earlier.kind, targetPath });
  const parsed = options.write === undefined ? await existing(context, plan) : plan.parsed;
  if (parsed !== undefined) await refuseSamePlace(survey, parsed, resolveFrom);
  const sources = await startsOf(context, plan, { parsed, survey, sinceMs, nowMs });
  const { calledAs: program = "statewave-connectors", dotenvPath } = context;
  const moved: Moved = { file, target: named, program, dotenvPath, plan, sources, orphans: orphansOf(plan, survey) };
  if (options.write !== undefined) await writeFiles([{ path: targetPath, text: plan.toml }], { force: options.force === true });
  const next = nextStep(options, configOptions.configPath);
  printMigration(terminal, moved, { written: options.write, next, json: options.json === true });
  if (options.yes !== true) return exitCode.ok;
  return carryOut({ ...context, configOptions: { ...configOptions, configPath: targetPath } }, moved, options);
}

/** What to pass for more than a plan. */
function nextStep({ write, yes }: MigrateOptions, configPath: string | undefined): string | undefined {
  if (write !== undefined || (configPath !== undefined && yes === true)) return undefined;
  return configPath === undefined
    ? "Nothing was written: pass --write <file> for the new configuration."
    : "Nothing was changed: pass --yes to set where sources begin.";
}

/** What the new file is called in the plan, where the operator has not named one. */
function unlike({ path }: EarlierFile, cwd: string): string {
  const usual = "statewave-connectors.toml";
  return resolve(cwd, usual) === path ? "new.toml" : usual;
}

function usageFault(
  { since, yes, write, force }: MigrateOptions,
  found: { target: string | undefined; sinceMs: number | undefined },
) {
  if (since !== undefined && found.sinceMs === undefined) return `--since ${since} is ${instantForms}`;
  if (yes === true && found.target === undefined)
    return "--yes acts on the state of a new configuration: pass --write or --config";
  if (force === true && write === undefined) return "--force belongs to --write";
  return undefined;
}

/** Also by another name: what is moved from must stay. */
function refuseItself({ path }: EarlierFile, target: string): void {
  if (realPath(path) !== realPath(target)) return;
  throw new ConnectorsError({
    code: "RUNNER_MIGRATE_ITSELF",
    message: `${target} is the file that is moved from`,
    hint: "name another file with --write",
  });
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Cursors in memory end with their process: here they are in a file. */
const stateOf = (earlier: string) => (earlier === "memory" ? "file" : earlier);

async function planOf(
  context: CommandContext,
  file: EarlierFile,
  { kind, targetPath }: { kind: string; targetPath: string },
): Promise<Migration> {
  const { terminal, resolveFrom } = context;
  const known = await knownAdapters({ resolveFrom, cwd: terminal.cwd, env: {} });
  const loaded = known.connectors.flatMap((each): (readonly [string, Connector])[] =>
    each.connector === undefined ? [] : [[each.kind, each.connector]],
  );
  const state = { kind: stateOf(kind), schema: known.cursorStores.get(stateOf(kind))?.config };
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return planMigration({
    file,
    connectors: new Map(loaded),
    state,
    cwd: terminal.cwd,
    target: targetPath,
    env: terminal.env,
    timezone: terminal.env["TZ"] ?? timeZone,
    resolveFrom,
  });
}

/** The configuration of `--config`, which may have been edited since it was written; without it the planned one. */
async function existing({ configOptions, resolveFrom }: CommandContext, plan: Migration): Promise<ParsedConfig | undefined> {
  if (configOptions.configPath === undefined) return plan.parsed;
  return loadConfig({ ...configOptions, resolveFrom });
}

interface StartParts {
  readonly parsed: ParsedConfig | undefined;
  readonly survey: StoreSurvey;
  readonly sinceMs: number | undefined;
  readonly nowMs: number;
}

async function startsOf(
  context: CommandContext,
  plan: Migration,
  { parsed, survey, sinceMs, nowMs }: StartParts,
): Promise<readonly MovedSource[]> {
  const ranged = parsed === undefined ? new Set<string>() : await rangedIn(context, parsed);
  return plan.entries.map((entry): MovedSource => {
    if (entry.impossible !== undefined || entry.direction === "push") return { entry };
    const key = formatSourceKey(entry);
    const stored = survey.sources.find(({ source }) => formatSourceKey(source) === key);
    const declaration = parsed?.connectors.get(entry.kind)?.pull;
    const isConfigured = parsed === undefined || parsed.config.pull.some((each) => formatSourceKey(each) === key);
    const start = planStart({
      storedAtMs: stored?.updatedAtMs,
      sinceMs,
      canSeed: parsed === undefined || declaration?.seed !== undefined,
      readsRanges: ranged.has(key),
      nowMs,
    });
    return { entry, stored, start, isConfigured };
  });
}

async function rangedIn({ resolveFrom }: CommandContext, parsed: ParsedConfig): Promise<ReadonlySet<string>> {
  const { createLogger, rangedSources } = await import("@statewave-connectors/runner/operations");
  return rangedSources({ ...parsed, logger: createLogger({ format: "text", level: "error" }), resolveFrom });
}

function orphansOf({ entries }: Migration, { sources, strangers = [] }: StoreSurvey): readonly string[] {
  const named = new Set(entries.filter(({ direction }) => direction === "pull").map(formatSourceKey));
  const unnamed = sources.map(({ source }) => formatSourceKey(source)).filter((key) => !named.has(key));
  return [...unnamed, ...strangers];
}
