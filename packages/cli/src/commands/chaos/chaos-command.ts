import { type Command, InvalidArgumentError } from "commander";
import type { CommandRegistration } from "../command-registration.ts";

interface ChaosFlags {
  seed?: number;
  minutes: number;
  keep?: boolean;
  json?: boolean;
}

/** `chaos`: a trial of the guarantees on the operator's own disk or store. */
export function addChaosCommand(program: Command, { withConfig, contextOf, done }: CommandRegistration): void {
  withConfig(program.command("chaos"))
    .description(
      "test the guarantees on your own disk or store: runs processes in a part of it, kills and disturbs them, and counts",
    )
    .option("--seed <number>", "repeats the disturbances of an earlier trial (default: a new one)", toSeed)
    .option("--minutes <number>", "how long disturbances come, such as 30 or 0.5", toMinutes, 2)
    .option("--keep", "leave the state, the logs and the journal where they are")
    .option("--json", "print the report as JSON")
    .addHelpText("after", chaosHelp)
    .action(async (options: ChaosFlags, command: Command) =>
      done(await (await import("./chaos.ts")).chaos(contextOf(command), options)),
    );
}

const largestSeed = 2 ** 31 - 1;
/** The record of a trial is held in memory. */
const mostMinutes = 24 * 60;

function toSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > largestSeed) throw new InvalidArgumentError(`It is not a whole number up to ${largestSeed}.`);
  return seed;
}

function toMinutes(text: string): number {
  const minutes = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || minutes <= 0 || minutes > mostMinutes)
    throw new InvalidArgumentError(`It is not a number above 0 and at most ${mostMinutes}.`);
  return minutes;
}

const chaosHelp = `
The state that the file names is used, in a part that is set apart: the schemas statewave_chaos and statewave_chaos_inbox in Postgres, keys
that begin with {statewave_chaos}: in Redis, a folder statewave_chaos beside the files. It must be empty, and is removed afterwards. Sources,
receivers and Statewave are fakes; those of the file are not used, and running processes are left alone.

Needs the package @statewave-connectors/chaos.

Examples:
  $ statewave-connectors chaos --config ./statewave-connectors.toml
  $ statewave-connectors chaos --minutes 30 --seed 4711 --json`;
