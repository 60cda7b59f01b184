import { type Command, InvalidArgumentError } from "commander";
import type { TypedEntry } from "@statewave-connectors/runner/operations";
import { parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { ExitCode } from "./exit-code.ts";
import type { CommandContext } from "./program.ts";

export interface SeeingCommandsSetting {
  readonly withConfig: (command: Command) => Command;
  readonly contextOf: (command: Command) => CommandContext;
  readonly done: (code: ExitCode) => void;
}

/** Commands that show what happens and change nothing. */
export function addSeeingCommands(program: Command, { withConfig, contextOf, done }: SeeingCommandsSetting): void {
  withConfig(program.command("status"))
    .description("show how every entry, the inbox, the processes and the sink stand, the worst first")
    .option("--watch", "look again every two seconds; elsewhere than in a terminal, print what has changed")
    .option("--json", "print JSON; with --watch, a line whenever something has changed")
    .addHelpText("after", statusHelp)
    .action(async (options: { watch?: boolean; json?: boolean }, command: Command) =>
      done(await (await import("./commands/status.ts")).status(contextOf(command), options)),
    );

  withConfig(program.command("runs"))
    .description("list the last 50 runs of a pull source, the latest first, with the account of each")
    .argument("<source>", "kind/name of a [[pull.<kind>]] entry", toPullName)
    .option("--json", "print JSON lines")
    .addHelpText("after", runsHelp)
    .action(async (source: TypedEntry, options: { json?: boolean }, command: Command) =>
      done(await (await import("./commands/runs.ts")).runs(contextOf(command), source, options)),
    );
}

const statusHelp = `
Exit codes: 0 all is well; 10 something is paused, late, waiting for its provider or buried, a cursor stands while episodes come, or no process
runs; 11 an entry or the sink fails.

Examples:
  $ statewave-connectors status
  $ statewave-connectors status --watch
  $ statewave-connectors status --json | jq -r '.entries[] | select(.condition == "failing") | .entry'`;

const runsHelp = `
Every item that was read is accounted for: fetched = mapped + skipped + failed, and mapped = delivered + buried. Runs in a row without news are one
line. A run whose process died shows as killed; what it had delivered since its last checkpoint is read again, and Statewave recognises it.

Examples:
  $ statewave-connectors runs github/main
  $ statewave-connectors runs github/main --json | jq 'select(.outcome == "failed") | .error'`;

function toPullName(text: string): TypedEntry {
  const source = parseSourceKey(text.startsWith("pull:") ? text.slice("pull:".length) : text);
  if (source === undefined) throw new InvalidArgumentError("It is not of the form kind/name.");
  return { direction: "pull", source };
}
