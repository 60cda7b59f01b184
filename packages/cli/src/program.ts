import { Command, CommanderError, Option } from "commander";
import type { RunnerConfig } from "@statewave-connectors/config";
import type { Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { type ActingFlags, withActingOptions } from "./acting.ts";
import { addAskCommand } from "./ask-command.ts";
import { addBackfillCommands } from "./backfill-commands.ts";
import { addBackupCommands } from "./backup-commands.ts";
import type { BannerFacts } from "./banner.ts";
import { cleanTerminal, type CommandTerminal } from "./clean-terminal.ts";
import { addConnectorCommands } from "./connector-commands.ts";
import { withDotenv } from "./dotenv.ts";
import { addDeadLetterCommands } from "./dead-letter-commands.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { addPauseCommands } from "./pause-commands.ts";
import { printError } from "./print-error.ts";
import { repeatConfig } from "./repeat-config.ts";
import { reportLostOutput } from "./report-lost-output.ts";
import { addSeeingCommands } from "./seeing-commands.ts";
import { addCompletionCommand, addReceiverCommands } from "./receiver-commands.ts";
import { addSetupCommands } from "./setup-commands.ts";
import { addStateChangeCommands } from "./state-change-commands.ts";
import type { Terminal } from "./terminal.ts";
import { toSourceKey } from "./to-source-key.ts";

export interface CliOptions {
  /** The arguments behind the program's name. */
  readonly args: readonly string[];
  readonly version: string;
  readonly terminal: Terminal;
  /** File URLs or folders of the program that was started: where its own adapters are found. */
  readonly resolveFrom: readonly string[];
  /** How `run` shows itself. Default: the log and the banner. */
  readonly presentation?: Presentation;
}

/** What a program that wraps `run` shows instead of the log and the banner. */
export interface Presentation {
  readonly logger: Logger;
  readonly banner: (facts: BannerFacts) => string;
  /** Replaces the hint of an error of this code. */
  readonly hintFor?: (code: string) => string | undefined;
}

/** What every command gets. */
export interface CommandContext {
  readonly terminal: CommandTerminal;
  readonly resolveFrom: readonly string[];
  /** From `--log-level`. */
  readonly logLevel?: RunnerConfig["logLevel"];
  readonly presentation: Presentation | undefined;
  readonly configOptions: {
    readonly configPath?: string;
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
  };
}

/** Parses the arguments, runs the command, prints its errors; returns the exit code. Never throws. */
export async function runCli(options: CliOptions): Promise<ExitCode> {
  const terminal = cleanTerminal(options.terminal);
  let code: ExitCode = exitCode.ok;
  let needsOutput = true;
  // The runner's own timers let a process end; as long as a command is under way, it must not.
  const keepAlive = setInterval(() => undefined, keepAliveMs);
  let configPath: string | undefined;
  const onConfig = (path: string | undefined) => (configPath = path);
  const program = buildProgram({ ...options, terminal, onConfig }, (result, output = "needed") => {
    code = result;
    needsOutput = output === "needed";
  });
  try {
    await program.parseAsync([...options.args], { from: "user" });
    return needsOutput ? await reportLostOutput(terminal, code) : code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
    return printError(terminal, error, {
      hintFor: options.presentation?.hintFor,
      formatHint: (hint) => repeatConfig(hint, configPath),
    });
  } finally {
    clearInterval(keepAlive);
  }
}

const keepAliveMs = 60_000;

interface ProgramOptions extends Omit<CliOptions, "terminal"> {
  readonly terminal: CommandTerminal;
  /** Called with the configuration that a command was given. */
  readonly onConfig: (path: string | undefined) => void;
}

function buildProgram(options: ProgramOptions, done: Done): Command {
  const { terminal } = options;
  const program = new Command("statewave-connectors")
    .description("Pulls from SaaS sources, takes their webhooks, and delivers every event to Statewave as an episode.")
    .version(options.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    })
    .showSuggestionAfterError()
    .addHelpText("after", exitCodeHelp);
  const withConfig = (command: Command) =>
    command
      .copyInheritedSettings(program)
      .option("-c, --config <path>", "the TOML file (default: $STATEWAVE_CONNECTORS_CONFIG, ./statewave-connectors.toml, …)")
      .option("--dotenv <path>", "read variables for ${…} from this file, too; those of the environment win")
      .addOption(logLevelOption());
  const contextOf = (command: Command): CommandContext => {
    const { config: configPath, dotenv, logLevel } = command.optsWithGlobals<ConfigFlags>();
    const env = withDotenv(terminal.env, dotenv, terminal.cwd);
    options.onConfig(configPath);
    return {
      terminal: { ...terminal, env },
      resolveFrom: options.resolveFrom,
      ...(logLevel === undefined ? {} : { logLevel }),
      presentation: options.presentation,
      configOptions: { cwd: terminal.cwd, env, ...(configPath === undefined ? {} : { configPath }) },
    };
  };
  addRunCommands(program, withConfig, contextOf, done);
  addSetupCommands(program, { withConfig, contextOf, done });
  addReceiverCommands(program, { withConfig, contextOf, done });
  addConnectorCommands(program, { contextOf, logLevelOption, done });
  addAskCommand(program, { withConfig, contextOf, done });
  addBackupCommands(program, { withConfig, contextOf, done });
  addBackfillCommands(program, { withConfig, contextOf, done });
  addStateCommands(program, withConfig, contextOf, done);
  addDeadLetterCommands(program, { withConfig, contextOf, done });
  addPauseCommands(program, { withConfig, contextOf, done });
  addSeeingCommands(program, { withConfig, contextOf, done });
  addCompletionCommand(program, { withConfig, contextOf, done });
  return program;
}

interface ConfigFlags {
  config?: string;
  dotenv?: string;
  logLevel?: RunnerConfig["logLevel"];
}

const logLevels: readonly RunnerConfig["logLevel"][] = ["debug", "info", "warn", "error"];

function logLevelOption(): Option {
  return new Option("--log-level <level>", "the least severe level that is logged to stderr").choices(logLevels);
}

// A command is loaded when it is run: `run` need not wait for the others.
const loadState = () => import("./commands/state.ts");
const loadBind = () => import("./commands/bind-state.ts");
const loadMove = () => import("./commands/move-state.ts");

/** Called with what the command ended with, and whether it failed when what it printed is lost. */
type Done = (code: ExitCode, output?: "needed" | "extra") => void;
type WithConfig = (command: Command) => Command;
type ContextOf = (command: Command) => CommandContext;

function addRunCommands(program: Command, withConfig: WithConfig, contextOf: ContextOf, done: Done): void {
  withConfig(program.command("run"))
    .description("run schedules and receivers until Ctrl-C")
    .option("--once", "run every pull source once, and end: the exit code says how")
    .option("--json", "with --once: print JSON lines")
    .action(async ({ once, json }: { once?: boolean; json?: boolean }, command: Command) => {
      if (once === true) return done(await (await import("./commands/run-once.ts")).runOnce(contextOf(command), { json }));
      if (json === true) command.error("error: --json belongs to --once");
      done(await (await import("./commands/run.ts")).run(contextOf(command)), "extra");
    });

  withConfig(program.command("validate-config"))
    .description("check the file, its connectors and every entry; all problems in one pass")
    .option("--json", "print the configuration as JSON, secrets as ***")
    .action(async (options: { json?: boolean }, command: Command) =>
      done(await (await import("./commands/validate-config.ts")).validateConfig(contextOf(command), options)),
    );

  withConfig(program.command("doctor"))
    .description("check the whole way: the file, the state, Statewave, every provider and receiver, the clocks, this machine")
    .option("--url <url>", "the public address of the runner: samples are sent to every receiver behind it")
    .option("--json", "print JSON lines")
    .option("--test-push", "also have providers send a test notification, where the connector can")
    .action(async (options: { json?: boolean; url?: string; testPush?: boolean }, command: Command) =>
      done(await (await import("./commands/doctor.ts")).doctor(contextOf(command), options)),
    );

  withConfig(program.command("sync"))
    .description("run a pull source once, now")
    .argument("<source>", "kind/name of a [[pull.<kind>]] entry", toSourceKey)
    .option("--dry-run", "read only: deliver nothing, write nothing, show the episodes")
    .option("--json", "print JSON lines")
    .action(async (source: SourceKey, options: { dryRun?: boolean; json?: boolean }, command: Command) =>
      done(await (await import("./commands/sync.ts")).sync(contextOf(command), source, options)),
    );
}

function addStateCommands(program: Command, withConfig: WithConfig, contextOf: ContextOf, done: Done): void {
  const state = program.command("state").copyInheritedSettings(program).description("look at and change the stored cursors");
  withConfig(state.command("list"))
    .description("list every source: the age of its cursor, what is under way, its dues, and orphans")
    .option("--json", "print everything the store knows, as JSON")
    .action(async (options: { json?: boolean }, command: Command) =>
      done(await (await loadState()).listState(contextOf(command), options)),
    );
  withConfig(state.command("get"))
    .description("print a source's cursor")
    .argument("<source>", "kind/name", toSourceKey)
    .action(async (source: SourceKey, _options, command: Command) =>
      done(await (await loadState()).getState(contextOf(command), source)),
    );
  withConfig(state.command("set"))
    .description("set a source's cursor by hand")
    .argument("<source>", "kind/name", toSourceKey)
    .argument("<cursor>", "the cursor, as the connector writes it")
    .option("--force", "also for a source that the configuration does not name")
    .action(async (source: SourceKey, cursor: string, options: { force?: boolean }, command: Command) =>
      done(await (await loadState()).setState(contextOf(command), source, cursor, options)),
    );
  withConfig(state.command("delete"))
    .description("forget a source's cursor: the next run reads from the beginning")
    .argument("<source>", "kind/name", toSourceKey)
    .action(async (source: SourceKey, _options, command: Command) =>
      done(await (await loadState()).deleteState(contextOf(command), source)),
    );
  withConfig(state.command("delete-secrets"))
    .description("forget the values that an entry stores, such as refresh tokens")
    .argument("<source>", "kind/name", toSourceKey)
    .action(async (source: SourceKey, _options, command: Command) =>
      done(await (await import("./commands/delete-secrets.ts")).deleteSecrets(contextOf(command), source)),
    );
  addBindCommands(state, withConfig, contextOf, done);
  addMoveCommands(state, withConfig, contextOf, done);
  addStateChangeCommands(state, { withConfig, contextOf, done });
}

function addBindCommands(state: Command, withConfig: WithConfig, contextOf: ContextOf, done: Done): void {
  withConfig(state.command("adopt"))
    .description("keep the cursors although [statewave] url or tenant_id changed")
    .argument("[source]", "kind/name; default: all", toSourceKey)
    .option("--all", "all of them")
    .option("--json", "print what was adopted, as JSON")
    .action(async (source: SourceKey | undefined, options: { all?: boolean; json?: boolean }, command: Command) => {
      if (source !== undefined && options.all === true) command.error("error: pass either a source or --all");
      done(await (await loadBind()).adoptState(contextOf(command), source, options));
    });
  withActingOptions(withConfig(state.command("reset")), "reset without a question")
    .description("forget cursors, so that everything is sent again; dead letters stay")
    .argument("[source]", "kind/name", toSourceKey)
    .option("--all", "every pull source of the configuration; others that are stored keep theirs")
    .option("--stream <name>", "only this stream of the source, whose other streams stay where they are")
    .option("--json", "print what was reset, as JSON")
    .action(async (source: SourceKey | undefined, options: ResetFlags, command: Command) => {
      if ((source === undefined) !== (options.all === true)) command.error("error: pass a source or --all");
      if (source === undefined && options.stream !== undefined) command.error("error: name the source of the stream");
      done(await (await loadBind()).resetState(contextOf(command), source, options));
    });
}

interface ResetFlags extends ActingFlags {
  all?: boolean;
  stream?: string;
  json?: boolean;
}

const withSecrets = [
  "--with-secrets",
  "also values that connectors store, such as refresh tokens; encrypted if [runner.state] has a key, else readable",
] as const;

function addMoveCommands(state: Command, withConfig: WithConfig, contextOf: ContextOf, done: Done): void {
  state
    .command("copy")
    .copyInheritedSettings(state)
    .description("copy cursors, dues and records to another store: from file to Postgres, say, without reading anything again")
    .requiredOption("--from <path>", "the configuration whose state is read")
    .requiredOption("--to <path>", "the configuration whose state is written")
    .addOption(logLevelOption())
    .option("--force", "also while a source runs")
    .option(...withSecrets)
    .action(async (options: { from: string; to: string; force?: boolean; withSecrets?: boolean }, command: Command) =>
      done(await (await loadMove()).copyState(contextOf(command), options)),
    );
  withConfig(state.command("export"))
    .description("print the cursors, the dues and the records as JSON")
    .option(...withSecrets)
    .action(async (options: { withSecrets?: boolean }, command: Command) =>
      done(await (await loadMove()).exportState(contextOf(command), options)),
    );
  withConfig(state.command("import"))
    .description("restore the sources of an export")
    .argument("<file>", "what `state export` printed")
    .option("--force", "also while a source runs")
    .option(...withSecrets)
    .action(async (file: string, options: { force?: boolean; withSecrets?: boolean }, command: Command) =>
      done(await (await loadMove()).importState(contextOf(command), file, options)),
    );
}

const exitCodeHelp = `
Exit codes: ${exitCode.ok} done, ${exitCode.failed} it did not work, ${exitCode.usage} wrong arguments, ${exitCode.config} configuration missing or invalid,
            ${exitCode.state} state held by another process or not usable, ${exitCode.unbalanced} the account of a run does not balance.`;
