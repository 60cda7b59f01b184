import { dirname, join, relative, resolve } from "node:path";
import { parseEnv } from "node:util";
import { ConfigInvalidError } from "@statewave-connectors/config";
import { type KnownAdapters, knownAdapters } from "@statewave-connectors/config/adapters";
import { envExample, schemaFileName, type StarterFile, starterFile, type StarterPlan } from "@statewave-connectors/config/setup";
import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { askKinds, askSource } from "./ask-plan.ts";
import { draftOf, entriesOf, type SourceDraft } from "./draft-entries.ts";
import { envToWrite, readExistingEnv } from "./existing-env.ts";
import type { SourceFlags } from "./init-draft.ts";
import { checkPlan, unknownVariables } from "./plan-check.ts";
import { openPrompter, type Prompter } from "./prompter.ts";
import { type FileToWrite, refuseExisting, writeFiles } from "./write-files.ts";
import { printError } from "../../terminal/print-error.ts";
import { findingLines, findingsJsonLine, rightsLines, toDiagnosis } from "../../terminal/print-findings.ts";
import type { CommandContext } from "../command-context.ts";
import { untilStopped } from "../../process/until-stopped.ts";
import { schemaText } from "./schema.ts";

export interface InitOptions {
  readonly sources: readonly SourceFlags[];
  readonly statewaveUrl?: string;
  readonly state?: string;
  /** Put no questions. */
  readonly yes?: boolean;
  /** Check each entry at its provider. */
  readonly check?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/**
 * Writes a first configuration, `.env.example` and the schema for an editor. In a terminal it puts questions for what is not passed. Exit code 1 when a
 * check at a provider fails, 2 for wrong arguments; nothing is written then.
 */
export async function init(context: CommandContext, options: InitOptions): Promise<ExitCode> {
  const { terminal, configOptions } = context;
  const path = resolve(terminal.cwd, configOptions.configPath ?? "statewave-connectors.toml");
  const work: Work = {
    context,
    options,
    path,
    known: await knownAdapters({ resolveFrom: context.resolveFrom, cwd: terminal.cwd, env: {} }),
  };
  const prompter = options.yes === true ? undefined : openPrompterOf(context);
  if (options.yes !== true && prompter === undefined) {
    terminal.stderr.write("error: there is no terminal to put questions in\nhint: pass --yes, and each source with --source\n");
    return exitCode.usage;
  }
  try {
    const planned = prompter === undefined ? await planOfFlags(work) : await planOfAnswers(work, prompter);
    if (planned === "failed") return exitCode.failed;
    await write(work, planned.file, planned.keepsSecrets);
    return exitCode.ok;
  } catch (error) {
    // What a file has wrong, the arguments have wrong here.
    if (!isConnectorsError(error) || !error.code.startsWith("CONFIG_")) throw error;
    printError(terminal, error);
    return exitCode.usage;
  } finally {
    prompter?.close();
  }
}

interface Work {
  readonly context: CommandContext;
  readonly options: InitOptions;
  /** The file to be written. */
  readonly path: string;
  readonly known: KnownAdapters;
}

interface Planned {
  readonly file: StarterFile;
  /** Whether the secrets that were typed are written to `.env`. */
  readonly keepsSecrets: boolean;
}

function openPrompterOf({ terminal }: CommandContext): Prompter | undefined {
  const input = terminal.openInput?.();
  return input?.isTTY === true && terminal.stderr.isTTY === true ? openPrompter(input, terminal.stderr) : undefined;
}

async function planOfFlags(work: Work): Promise<Planned | "failed"> {
  const { context, options } = work;
  const drafts = await Promise.all(options.sources.map((source) => draftOf(source, placesOf(context))));
  if (drafts.length === 0) {
    throw new ConfigInvalidError("init", [
      { path: "--source", message: "no source is named", hint: "write --source github, for example" },
    ]);
  }
  const file = starterFile(planOf(work, drafts, options.statewaveUrl ?? "http://localhost:8100", options.state));
  await checkPlan(file, checkOptionsOf(work));
  if (options.check === true && !(await checkAtProviders(work, file))) return "failed";
  return { file, keepsSecrets: false };
}

const placesOf = ({ terminal, resolveFrom }: CommandContext) => ({ cwd: terminal.cwd, resolveFrom });

function checkOptionsOf({ context, path }: Work) {
  return { baseDir: dirname(path), env: context.terminal.env, resolveFrom: context.resolveFrom };
}

function planOf(
  { context, path, known }: Work,
  drafts: readonly SourceDraft[],
  statewaveUrl: string,
  state: string | undefined,
): StarterPlan {
  const kind = state ?? (known.cursorStores.has("file") ? "file" : "memory");
  const opener = known.cursorStores.get(kind);
  if (opener === undefined) {
    const message = `there is no store of kind "${kind}"`;
    throw new ConfigInvalidError("init", [
      { path: "--state", message, hint: `write one of ${[...known.cursorStores.keys()].join(", ")}` },
    ]);
  }
  const entries = drafts.flatMap(entriesOf).map(({ override, ...entry }) => ({
    ...entry,
    ...(override !== undefined && { override: seenFromFile(override, context.terminal.cwd, dirname(path)) }),
  }));
  return { statewaveUrl, state: { kind, options: {}, schema: opener.config }, entries };
}

/** A path of the command line belongs to the working directory, and one of the file to the folder of the file. */
function seenFromFile(override: string, cwd: string, folder: string): string {
  if (!/^\.{1,2}(?:\/|$)/.test(override) || resolve(cwd) === folder) return override;
  const path = relative(folder, resolve(cwd, override));
  return path.startsWith("..") ? path : `./${path}`;
}

async function planOfAnswers(work: Work, prompter: Prompter): Promise<Planned> {
  const { context, options, path, known } = work;
  // Before a person answers for nothing. A `.env` is added to.
  if (options.force !== true) {
    refuseExisting([path, ...[schemaFileName, ".env.example"].map((name) => join(dirname(path), name))]);
  }
  await readExistingEnv(join(dirname(path), ".env"));
  prompter.say("Each question has a default in brackets, or an example. Ctrl-C ends without writing anything.\n\n");
  const fallback = options.statewaveUrl ?? context.terminal.env["STATEWAVE_URL"] ?? "http://localhost:8100";
  const url = await prompter.text("Statewave server; file:./episodes.jsonl writes to a file instead", fallback);
  const state = options.state ?? (await askState(prompter, known));
  const chosen = await Promise.all(options.sources.map((source) => draftOf(source, placesOf(context))));
  const drafts: SourceDraft[] = [...chosen];
  if (chosen.length === 0) {
    for (const connector of await askKinds(prompter, known.connectors)) {
      const override = known.connectors.find(({ kind }) => kind === connector.kind)?.override;
      drafts.push(
        await untilRight(
          work,
          prompter,
          (draft) => planOf(work, [draft], url, state),
          () => askSource(prompter, connector, override),
        ),
      );
    }
  }
  const file = starterFile(planOf(work, drafts, url, state));
  await checkPlan(file, checkOptionsOf(work));
  const typed = file.variables.some(({ value }) => value !== undefined);
  const keepsSecrets =
    typed && (await prompter.confirm("Keep the secrets that you typed in .env, which only you can read?", true));
  return { file, keepsSecrets };
}

async function askState(prompter: Prompter, { cursorStores }: KnownAdapters): Promise<string | undefined> {
  prompter.say("\nWhere cursors and webhooks that wait are kept:\n");
  const kinds = [...cursorStores.keys()].toSorted();
  const fallback = kinds.includes("file") ? "file" : kinds[0];
  const [kind] = await prompter.choose("Which", kinds, { isSingle: true, ...(fallback !== undefined && { fallback }) });
  return kind;
}

/** Has a source described until the file can hold it and, if the person wants that, until its provider accepts it. */
async function untilRight(
  work: Work,
  prompter: Prompter,
  planOfDraft: (draft: SourceDraft) => StarterPlan,
  ask: () => Promise<SourceDraft>,
): Promise<SourceDraft> {
  for (;;) {
    const draft = await ask();
    const file = starterFile(planOfDraft(draft));
    try {
      await checkPlan(file, checkOptionsOf(work));
    } catch (error) {
      if (!(error instanceof ConfigInvalidError)) throw error;
      printError(work.context.terminal, error);
      prompter.say("Answer again.\n");
      continue;
    }
    const missing = unknownVariables(file, work.context.terminal.env);
    if (missing.length > 0) {
      prompter.say(
        `It is not checked at the provider, because ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not known yet.\n`,
      );
      return draft;
    }
    if (!(await prompter.confirm("Check it at the provider now?", true))) return draft;
    if (await checkAtProviders(work, file)) return draft;
    if (!(await prompter.confirm("Answer again?", true))) return draft;
  }
}

/** Prints what the connectors find at their providers; answers whether all is well. */
async function checkAtProviders(work: Work, file: StarterFile): Promise<boolean> {
  const { context, options } = work;
  const { terminal, resolveFrom, logLevel = "error" } = context;
  const parsed = await checkPlan(file, checkOptionsOf(work));
  if (parsed === undefined) throw notChecked(unknownVariables(file, terminal.env));
  const { checkEntries, createLogger } = await import("@statewave-connectors/runner/tools");
  let isWell = true;
  await untilStopped(terminal, async (signal) => {
    const logger = createLogger({ format: "text", level: logLevel });
    for (const check of await checkEntries({ ...parsed, logger, resolveFrom }, signal)) {
      const diagnosis = toDiagnosis(check);
      isWell &&= diagnosis.findings.every(({ ok }) => ok);
      const text =
        options.json === true ? findingsJsonLine(diagnosis, check.rights) : findingLines(diagnosis) + rightsLines(check.rights);
      terminal.stdout.write(text);
    }
    return exitCode.ok;
  });
  return isWell;
}

function notChecked(missing: readonly string[]): ConnectorsError {
  return new ConnectorsError({
    code: "CONFIG_VARIABLE_MISSING",
    message: `nothing can be checked at the providers without ${missing.join(", ")}`,
    hint: "set them in the environment, or leave --check out",
  });
}

async function write(work: Work, file: StarterFile, keepsSecrets: boolean): Promise<void> {
  const { context, options, path, known } = work;
  const { terminal, calledAs: program = "statewave-connectors" } = context;
  const folder = dirname(path);
  const existing = await readExistingEnv(join(folder, ".env"));
  const env = keepsSecrets ? envToWrite(join(folder, ".env"), file.variables, existing) : undefined;
  const files: FileToWrite[] = [
    { path, text: file.toml },
    { path: join(folder, schemaFileName), text: schemaText(known) },
    ...(file.variables.length === 0 ? [] : [{ path: join(folder, ".env.example"), text: envExample(file.variables) }]),
    ...(env === undefined ? [] : [env.file]),
  ];
  await writeFiles(files, { force: options.force === true });
  const names = files.map((each) => relative(terminal.cwd, each.path) || each.path);
  const variables = file.variables.map(({ name }) => name);
  if (options.json === true) {
    terminal.stdout.write(`${JSON.stringify({ written: names, variables })}\n`);
    return;
  }
  const unchanged = env === undefined || env.unchanged.length === 0 ? "" : `unchanged in .env: ${env.unchanged.join(", ")}\n`;
  // Read from its text: a value that no quotes can hold is not in it.
  const inFile = parseEnv(env?.file.text ?? existing?.text ?? "");
  const hasEnvFile = env !== undefined || existing !== undefined;
  const next = nextSteps(variables, { program, env: env === undefined ? terminal.env : {}, inFile, hasEnvFile });
  terminal.stdout.write(`written: ${names.join(", ")}\n${unchanged}\n${next}`);
}

interface FilledIn {
  /** The words by which the user called the program. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The variables of `.env`. */
  readonly inFile: Readonly<Record<string, string | undefined>>;
  readonly hasEnvFile: boolean;
}

function nextSteps(variables: readonly string[], { program, env, inFile, hasEnvFile }: FilledIn): string {
  const unset = variables.filter((name) => (env[name] ?? "") === "");
  const missing = unset.filter((name) => (inFile[name] ?? "") === "" && name !== "STATEWAVE_API_KEY");
  // Where nothing is to be filled in there may be no file to be read.
  const usesFile = missing.length > 0 || unset.some((name) => (inFile[name] ?? "") !== "");
  const fill =
    missing.length === 0
      ? []
      : [hasEnvFile ? `fill in .env: ${missing.join(", ")}` : `cp .env.example .env, and fill in ${missing.join(", ")}`];
  const commands = ["doctor", "run"].map((command) => `${program} ${command}${usesFile ? " --dotenv .env" : ""}`);
  return `Next:\n${[...fill, ...commands].map((step, index) => `  ${index + 1}. ${step}\n`).join("")}`;
}
