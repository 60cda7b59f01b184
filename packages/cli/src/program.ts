import { Command, CommanderError, Option } from "commander";
import type { RunnerConfig } from "@statewave-connectors/config/result";
import { addAgentCommand } from "./commands/agents/agent-command.ts";
import { addAskCommand } from "./commands/ask/ask-command.ts";
import { addBackfillCommands } from "./commands/backfill/backfill-commands.ts";
import { addChaosCommand } from "./commands/chaos/chaos-command.ts";
import type { CommandContext, Presentation } from "./commands/command-context.ts";
import type { CommandRegistration } from "./commands/command-registration.ts";
import { addCompletionCommand } from "./commands/completion/completion-command.ts";
import { addConnectorCommands } from "./commands/connector/connector-commands.ts";
import { addDeadLetterCommands } from "./commands/dead-letters/dead-letter-commands.ts";
import { forgottenDotenv, withDotenv } from "./commands/dotenv.ts";
import { addEraseCommand } from "./commands/erase/erase-command.ts";
import type { Refused } from "./commands/usage-hint.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { addInspectCommands } from "./commands/inspect/inspect-commands.ts";
import { addMigrateCommand } from "./commands/migrate/migrate-command.ts";
import { addPauseCommands } from "./commands/pause/pause-commands.ts";
import { addReceiverCommands } from "./commands/receivers/receiver-commands.ts";
import { addReloadCommand } from "./commands/run/reload-command.ts";
import { addRunCommands } from "./commands/run/run-commands.ts";
import { addSetupCommands } from "./commands/setup/setup-commands.ts";
import { addBackupCommands } from "./commands/state/backup-commands.ts";
import { addStateCommands } from "./commands/state/state-commands.ts";
import { cleanTerminal, type CommandTerminal } from "./terminal/clean-terminal.ts";
import { printError } from "./terminal/print-error.ts";
import { type GivenFiles, repeatConfig } from "./terminal/repeat-config.ts";
import { reportLostOutput } from "./terminal/report-lost-output.ts";
import type { Terminal } from "./terminal/terminal.ts";

export interface CliOptions {
  /** The arguments behind the program's name. */
  readonly args: readonly string[];
  readonly version: string;
  readonly terminal: Terminal;
  /** File URLs or folders of the program that was started: where its own adapters are found. */
  readonly resolveFrom: readonly string[];
  /** What hints call the program, e.g. `npm run cli --`. Default `statewave-connectors`. */
  readonly calledAs?: string;
  /** How `run` shows itself. Default: the log and the banner. */
  readonly presentation?: Presentation;
}

/** Parses the arguments, runs the command, prints its errors; returns the exit code. Never throws. */
export async function runCli(options: CliOptions): Promise<ExitCode> {
  const terminal = cleanTerminal(options.terminal);
  let code: ExitCode = exitCode.ok;
  let needsOutput = true;
  // The runner's own timers let a process end; as long as a command is under way, it must not.
  const keepAlive = setInterval(() => undefined, keepAliveMs);
  let given: GivenFiles = {};
  const onFiles = (files: GivenFiles) => (given = files);
  let refused: Refused | undefined;
  const onRefused = (command: Refused) => (refused = command);
  const program = buildProgram({ ...options, terminal, onFiles, onRefused }, (result, output = "needed") => {
    code = result;
    needsOutput = output === "needed";
  });
  try {
    await program.parseAsync([...options.args], { from: "user" });
    return needsOutput ? await reportLostOutput(terminal, code) : code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return await reportLostOutput(terminal, exitCode.ok);
      await printUsageHint(terminal, error, { refused, calledAs: options.calledAs });
      return exitCode.usage;
    }
    return printError(terminal, error, {
      hintFor: (thrown, message) =>
        options.presentation?.hintFor?.(thrown) ??
        (thrown === "CONFIG_INVALID" ? forgottenDotenv(message, given.dotenvPath, terminal.cwd) : undefined),
      formatHint: (hint) => repeatConfig(hint, { ...given, calledAs: options.calledAs }),
    });
  } finally {
    clearInterval(keepAlive);
  }
}

const keepAliveMs = 60_000;

async function printUsageHint(
  terminal: CommandTerminal,
  error: CommanderError,
  { refused, calledAs }: { readonly refused: Refused | undefined; readonly calledAs: string | undefined },
): Promise<void> {
  if (refused === undefined) return;
  const { usageHint } = await import("./commands/usage-hint.ts");
  const hint = await usageHint(error, refused);
  if (hint !== undefined) terminal.stderr.write(`hint: ${repeatConfig(hint, { calledAs })}\n`);
}

interface ProgramOptions extends Omit<CliOptions, "terminal"> {
  readonly terminal: CommandTerminal;
  /** Called with the files that a command was given. */
  readonly onFiles: (files: GivenFiles) => void;
  /** Called with the command whose arguments are wrong, or that only prints its help. */
  readonly onRefused?: (refused: Refused) => void;
}

/** Every command with its options. */
export function buildProgram(options: ProgramOptions, done: CommandRegistration["done"]): Command {
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
      .addOption(dotenvOption())
      .addOption(logLevelOption());
  const contextOf = (command: Command): CommandContext => {
    const { config: configPath, dotenv, logLevel } = command.optsWithGlobals<ConfigFlags>();
    const readEnv = () => withDotenv(terminal.env, dotenv, terminal.cwd);
    const env = readEnv();
    options.onFiles({ configPath, dotenvPath: dotenv });
    return {
      terminal: { ...terminal, env },
      resolveFrom: options.resolveFrom,
      ...(logLevel === undefined ? {} : { logLevel }),
      presentation: options.presentation,
      readEnv,
      dotenvPath: dotenv,
      calledAs: options.calledAs,
      configOptions: { cwd: terminal.cwd, env, ...(configPath === undefined ? {} : { configPath }) },
    };
  };
  const registration: CommandRegistration = { withConfig, contextOf, dotenvOption, logLevelOption, done };
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
  addInspectCommands(program, registration);
  addAgentCommand(program, registration, (args, own) => runCli({ ...options, args, terminal: own }));
  addChaosCommand(program, registration);
  addCompletionCommand(program, registration);
  for (const command of withSubcommands(program)) {
    command.exitOverride((error) => {
      options.onRefused?.({ command, context: () => contextOf(command) });
      throw error;
    });
  }
  return program;
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

interface ConfigFlags {
  config?: string;
  dotenv?: string;
  logLevel?: RunnerConfig["logLevel"];
}

const logLevels: readonly RunnerConfig["logLevel"][] = ["debug", "info", "warn", "error"];

function dotenvOption(): Option {
  return new Option("--dotenv <path>", "read variables for ${…} from this file, too; those of the environment win");
}

function logLevelOption(): Option {
  return new Option("--log-level <level>", "the least severe level that is logged to stderr").choices(logLevels);
}

const exitCodeHelp = `
Exit codes: ${exitCode.ok} done, ${exitCode.failed} it did not work, ${exitCode.usage} wrong arguments, ${exitCode.config} configuration missing or invalid,
            ${exitCode.state} state held by another process or not usable, ${exitCode.unbalanced} the account of a run does not balance,
            ${exitCode.incomplete} run --once: something is left to do, ${exitCode.attention} status: something needs attention, ${exitCode.failing} status: something fails.`;
