import { type Command, InvalidArgumentError } from "commander";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { type ActingFlags, withActingOptions } from "../acting.ts";
import type { CommandRegistration } from "../command-registration.ts";
import { toSourceKey } from "../to-source-key.ts";

interface Flags extends ActingFlags {
  json?: boolean;
}

/** Commands that give a source another cursor, and take that back. */
export function addStateChangeCommands(state: Command, { withConfig, contextOf, done }: CommandRegistration): void {
  withActingOptions(withConfig(state.command("seed")), "seed without a question")
    .description("have a source begin at a moment; refused while it runs")
    .argument("<source>", "kind/name of a [[pull.<kind>]] entry", toSourceKey)
    .requiredOption("--since <time>", "a date, a date with time and offset, or an age such as 90d")
    .option("--id <id>", "the source's id of the last item that is not wanted, among those of that moment")
    .option("--json", "print the new cursor as JSON")
    .action(async (source: SourceKey, options: Flags & { since: string; id?: string }, command: Command) =>
      done(await (await import("./seed-state.ts")).seedState(contextOf(command), source, options)),
    );
  withConfig(state.command("history"))
    .description("list the latest 20 changes of a source's cursor, by runs and by commands")
    .argument("<source>", "kind/name", toSourceKey)
    .option("--json", "print JSON lines, with the cursors")
    .action(async (source: SourceKey, options: Flags, command: Command) =>
      done(await (await import("./undo-state.ts")).showHistory(contextOf(command), source, options)),
    );
  withActingOptions(withConfig(state.command("undo")), "undo without a question")
    .description("take back the latest change of a source's cursor; refused while it runs")
    .argument("<source>", "kind/name", toSourceKey)
    .option("--to <number>", "take back this change and all after it; as `state history` numbers them", toNumber)
    .option("--json", "print what was undone, as JSON")
    .action(async (source: SourceKey, options: Flags & { to?: number }, command: Command) =>
      done(await (await import("./undo-state.ts")).undoState(contextOf(command), source, options)),
    );
  withActingOptions(withConfig(state.command("prune")), "forget them")
    .description("forget the cursors of stored sources that the configuration does not name; without --yes only list them")
    .option("--json", "print them as JSON")
    .action(async (options: Flags, command: Command) =>
      done(await (await import("./prune-state.ts")).pruneState(contextOf(command), options)),
    );
}

function toNumber(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError("It is not the number of a change.");
  return Number(text);
}
