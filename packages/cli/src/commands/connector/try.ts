import { parseTrial, type Trial } from "@statewave-connectors/config/setup";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { PushTrial, Sample } from "@statewave-connectors/runner/tools";
import { printError } from "../../terminal/print-error.ts";
import type { CommandContext } from "../command-context.ts";
import { pullJson, pullText } from "./trial/pull-output.ts";
import { PullTally } from "./trial/pull-tally.ts";
import { readSample } from "./trial/read-sample.ts";
import { receiverJson, receiverText } from "./trial/receiver-output.ts";
import { untilStopped } from "../../process/until-stopped.ts";

export interface TryOptions {
  /** `key=value` each. */
  readonly option: readonly string[];
  readonly since?: string;
  /** How many episodes, and how many failed items, are shown. */
  readonly episodes: number;
  readonly push?: boolean;
  /** The file with the body of a webhook. */
  readonly sample?: string;
  /** Its headers, in lower case. */
  readonly sampleHeader?: Sample["headers"];
  readonly json?: boolean;
}

/**
 * Checks a connector with real credentials and reads the beginning of what it gives, without a configuration file. Delivers nothing, writes
 * nothing. Exit code 1 when anything fails, 2 when the arguments are wrong.
 */
export async function tryConnector(context: CommandContext, connector: string, options: TryOptions): Promise<ExitCode> {
  const { resolveFrom, terminal, configOptions } = context;
  let trial: Trial;
  let sample: Sample | undefined;
  try {
    const { option, since, push = options.sample !== undefined, sampleHeader = {} } = options;
    sample = await readSample(options.sample, sampleHeader, terminal.cwd);
    trial = await parseTrial({ connector, options: option, since, push, resolveFrom, ...configOptions, nowMs: Date.now() });
  } catch (error) {
    // What a file has wrong, the arguments have wrong here.
    if (!isConnectorsError(error) || !error.code.startsWith("CONFIG_")) throw error;
    printError(terminal, error);
    return exitCode.usage;
  }
  const show = trial.direction === "pull" ? showPull : showPush;
  return untilStopped(terminal, (signal) => show(context, trial, { ...options, given: sample }, signal));
}

interface ShowOptions extends Pick<TryOptions, "json" | "episodes"> {
  readonly given: Sample | undefined;
}

type Show = (context: CommandContext, trial: Trial, options: ShowOptions, signal: AbortSignal) => Promise<ExitCode>;

const showPull: Show = async (context, trial, { json = false, episodes: most }, signal) => {
  const { tryPull } = await import("@statewave-connectors/runner/tools");
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

const showPush: Show = async (context, trial, { json = false, given: sample }, signal) => {
  const { tryPush } = await import("@statewave-connectors/runner/tools");
  const found = await tryPush(await partsOf(context, trial), signal, { sample });
  const { terminal, calledAs = "statewave-connectors" } = context;
  for (const receiver of found)
    terminal.stdout.write(json ? receiverJson(receiver, trial) : receiverText(receiver, trial, calledAs));
  return found.every(isWell) ? exitCode.ok : exitCode.failed;
};

function isWell({ check, deliveries, mapped }: PushTrial): boolean {
  const isMapped =
    mapped === undefined ||
    (mapped.error === undefined && mapped.failures.length === 0 && mapped.episodes.every(({ refusal }) => refusal === undefined));
  return isMapped && [...deliveries, ...check.results].every(({ ok }) => ok);
}

async function partsOf({ logLevel = "warn", resolveFrom }: CommandContext, { config, connectors }: Trial) {
  const { createLogger } = await import("@statewave-connectors/runner/tools");
  return { config, connectors, resolveFrom, logger: createLogger({ format: "text", level: logLevel }) };
}
