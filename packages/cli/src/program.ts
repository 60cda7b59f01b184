import { Command, CommanderError, Option } from "commander";
import type { RunnerConfig } from "@statewave-connectors/config";
import type { Logger } from "@statewave-connectors/connector-sdk";
import { addAgentCommand } from "./agent-command.ts";
import { addAskCommand } from "./ask-command.ts";
import { addEraseCommand } from "./erase-command.ts";
import { addBackfillCommands } from "./backfill-commands.ts";
import { addBackupCommands } from "./backup-commands.ts";
import type { BannerFacts } from "./banner.ts";
import { cleanTerminal, type CommandTerminal } from "./clean-terminal.ts";
import { addChaosCommand } from "./chaos-command.ts";
import type { CommandRegistration } from "./command-registration.ts";
import { addConnectorCommands } from "./connector-commands.ts";
import { withDotenv } from "./dotenv.ts";
import { addDeadLetterCommands } from "./dead-letter-commands.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { addMigrateCommand } from "./migrate-command.ts";
import { addPauseCommands } from "./pause-commands.ts";
import { printError } from "./print-error.ts";
import { repeatConfig } from "./repeat-config.ts";
import { reportLostOutput } from "./report-lost-output.ts";
import { addReloadCommand } from "./reload-command.ts";
import { addRunCommands } from "./run-commands.ts";
import { addSeeingCommands } from "./seeing-commands.ts";
import { addCompletionCommand, addReceiverCommands } from "./receiver-commands.ts";
import { addSetupCommands } from "./setup-commands.ts";
import { addStateCommands } from "./state-commands.ts";
import type { Terminal } from "./terminal.ts";

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
  /** The variables for `${…}`: the environment, and what the file of `--dotenv` holds now. */
  readonly readEnv: () => Readonly<Record<string, string | undefined>>;
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

function buildProgram(options: ProgramOptions, done: CommandRegistration["done"]): Command {
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
    const readEnv = () => withDotenv(terminal.env, dotenv, terminal.cwd);
    const env = readEnv();
    options.onConfig(configPath);
    return {
      terminal: { ...terminal, env },
      resolveFrom: options.resolveFrom,
      ...(logLevel === undefined ? {} : { logLevel }),
      presentation: options.presentation,
      readEnv,
      configOptions: { cwd: terminal.cwd, env, ...(configPath === undefined ? {} : { configPath }) },
    };
  };
  const registration: CommandRegistration = { withConfig, contextOf, logLevelOption, done };
  addRunCommands(program, registration);
  addReloadCommand(program, registration);
  addSetupCommands(program, registration);
  addMigrateCommand(program, registration);
  addReceiverCommands(program, registration);
  addConnectorCommands(program, registration);
  addAskCommand(program, registration);
  addBackupCommands(program, registration);
  addBackfillCommands(program, registration);
  addStateCommands(program, registration);
  addDeadLetterCommands(program, registration);
  addEraseCommand(program, registration);
  addPauseCommands(program, registration);
  addSeeingCommands(program, registration);
  addAgentCommand(program, registration, (args, own) => runCli({ ...options, args, terminal: own }));
  addChaosCommand(program, registration);
  addCompletionCommand(program, registration);
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

const exitCodeHelp = `
Exit codes: ${exitCode.ok} done, ${exitCode.failed} it did not work, ${exitCode.usage} wrong arguments, ${exitCode.config} configuration missing or invalid,
            ${exitCode.state} state held by another process or not usable, ${exitCode.unbalanced} the account of a run does not balance.`;
