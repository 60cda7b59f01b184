import { type Command, InvalidArgumentError } from "commander";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { type ActingFlags, withActingOptions } from "../acting.ts";
import type { CommandRegistration } from "../command-registration.ts";
import { toSourceKey } from "../to-source-key.ts";

const load = () => import("./backfill.ts");

/** Commands that read a range of a source again. */
export function addBackfillCommands(program: Command, { withConfig, contextOf, done }: CommandRegistration): void {
  const backfill = withActingOptions(withConfig(program.command("backfill")), "start without a question")
    .description("read a range of a pull source again and deliver it; the live cursor stays where it is")
    .argument("<source>", "kind/name of a [[pull.<kind>]] entry", toSourceKey)
    .option("--since <time>", "the first moment: a date, a date with time and offset, or an age such as 90d; required")
    .option("--until <time>", "the first moment that is outside (default: now)")
    .option("--stream <name>", "only this stream of the entry")
    .option("--rate <number>", "at most so many episodes: 50 or 50/s a second, 600/m a minute, 10000/h an hour", toPerSecond)
    .option("--expect <count>", "how many episodes the range has: for an estimate that is exact", toCount)
    .option("--dry-run", "count only: deliver nothing, write nothing")
    .option("--json", "print JSON lines")
    .addHelpText("after", examples)
    .action(async (source: SourceKey, options: BackfillFlags, command: Command) => {
      const { parseRange, backfill: run } = await load();
      const range =
        options.since === undefined ? "pass --since <time>" : parseRange({ ...options, since: options.since }, Date.now());
      if (typeof range === "string") command.error(`error: ${range}`);
      else done(await run(contextOf(command), source, { ...options, range }));
    });
  withConfig(backfill.command("list"))
    .description("list backfills, the latest first: how far they are, where they run, how long the rest takes")
    .option("--json", "print JSON lines")
    .action(async (_options, command: Command) => done(await (await load()).listBackfills(contextOf(command), flagsOf(command))));
  withActingOptions(withConfig(backfill.command("cancel")), "cancel without a question")
    .description("end a backfill for good; what was delivered stays delivered")
    .argument("<id>", "as `backfill list` shows it")
    .option("--json", "print the backfill as JSON")
    .action(async (id: string, _options, command: Command) =>
      done(await (await load()).cancelBackfill(contextOf(command), id, flagsOf(command))),
    );
}

/** `backfill` itself takes the options that stand behind the name of a subcommand, where both have them. */
function flagsOf(command: Command): ActingFlags & Pick<BackfillFlags, "json"> {
  return command.optsWithGlobals<BackfillFlags>();
}

interface BackfillFlags extends ActingFlags {
  since?: string;
  until?: string;
  stream?: string;
  rate?: number;
  expect?: number;
  dryRun?: boolean;
  json?: boolean;
}

const secondsIn = { s: 1, m: 60, h: 3_600 } as const;

function toPerSecond(text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)(?:\/([smh]))?$/.exec(text);
  const unit = (match?.[2] ?? "s") as keyof typeof secondsIn;
  const perSecond = Number(match?.[1]) / secondsIn[unit];
  if (!(perSecond > 0)) throw new InvalidArgumentError("It is not a number above 0, such as 50, 600/m or 10000/h.");
  return perSecond;
}

function toCount(text: string): number {
  if (!/^[1-9]\d{0,11}$/.test(text)) throw new InvalidArgumentError("It is not a whole number above 0.");
  return Number(text);
}

const examples = `
The same command resumes a backfill that was interrupted, from its last checkpoint. Episodes that Statewave has already are stored once.

Examples:
  $ statewave-connectors backfill github/widgets --since 2024-01-01 --until 2024-07-01 --dry-run
  $ statewave-connectors backfill github/widgets --since 2024-01-01 --until 2024-07-01 --rate 600/m --yes
  $ statewave-connectors backfill slack/team --since 90d --stream channels`;
