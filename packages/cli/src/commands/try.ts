import { parseTrial, type Trial } from "@statewave-connectors/config";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { printError } from "../print-error.ts";
import type { CommandContext } from "../program.ts";
import { pullJson, pullText } from "../trial/pull-output.ts";
import { PullTally } from "../trial/pull-tally.ts";
import { receiverJson, receiverText } from "../trial/receiver-output.ts";
import { untilStopped } from "../until-stopped.ts";

export interface TryOptions {
  /** `key=value` each. */
  readonly option: readonly string[];
  readonly since?: string;
  /** How many episodes, and how many failed items, are shown. */
  readonly episodes: number;
  readonly push?: boolean;
  readonly json?: boolean;
}

/**
 * Checks a connector with real credentials and reads the beginning of what it gives, without a configuration file. Delivers nothing, writes
 * nothing. Exit code 1 when anything fails, 2 when the arguments are wrong.
 */
export async function tryConnector(context: CommandContext, connector: string, options: TryOptions): Promise<ExitCode> {
  const { resolveFrom, terminal, configOptions } = context;
  let trial: Trial;
  try {
    const { option, since, push } = options;
    trial = await parseTrial({ connector, options: option, since, push, resolveFrom, ...configOptions, nowMs: Date.now() });
  } catch (error) {
    // What a file has wrong, the arguments have wrong here.
    if (!isConnectorsError(error) || !error.code.startsWith("CONFIG_")) throw error;
    printError(terminal, error);
    return exitCode.usage;
  }
  return untilStopped(terminal, (signal) => (trial.direction === "pull" ? showPull : showPush)(context, trial, options, signal));
}

type Show = (context: CommandContext, trial: Trial, options: TryOptions, signal: AbortSignal) => Promise<ExitCode>;

const showPull: Show = async (context, trial, { json = false, episodes: most }, signal) => {
  const { tryPull } = await import("@statewave-connectors/runner");
  const output = json ? pullJson : pullText;
  const write = (text: string) => void context.terminal.stdout.write(text);
  const tally = new PullTally();
  const { source, cursor } = trial;
  const result = await tryPull(
    await partsOf(context, trial),
    {
      source,
      cursor,
      onCheck(check) {
        tally.countCheck(check);
        write(output.check(check, trial.streams));
      },
      onEpisode(episode, refusal) {
        if (tally.countEpisode(episode, refusal) <= most) write(output.episode(episode, refusal));
      },
      onItemsFailed(failures) {
        for (const failure of failures) if (tally.countFailure() <= most) write(output.failedItem(failure));
      },
    },
    signal,
  );
  write(output.end(trial, result, tally));
  return tally.isWell ? exitCode.ok : exitCode.failed;
};

const showPush: Show = async (context, trial, { json = false }, signal) => {
  const { tryPush } = await import("@statewave-connectors/runner");
  const found = await tryPush(await partsOf(context, trial), signal);
  for (const receiver of found) context.terminal.stdout.write((json ? receiverJson : receiverText)(receiver, trial));
  const isWell = found.every(({ check, unsigned }) => unsigned.ok && check.results.every(({ ok }) => ok));
  return isWell ? exitCode.ok : exitCode.failed;
};

async function partsOf({ logLevel = "warn", resolveFrom }: CommandContext, { config, connectors }: Trial) {
  const { createLogger } = await import("@statewave-connectors/runner");
  return { config, connectors, resolveFrom, logger: createLogger({ format: "text", level: logLevel }) };
}
