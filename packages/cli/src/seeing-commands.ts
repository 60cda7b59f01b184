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
  withConfig(program.command("runs"))
    .description("list the last 50 runs of a pull source, the latest first, with the account of each")
    .argument("<source>", "kind/name of a [[pull.<kind>]] entry", toPullName)
    .option("--json", "print JSON lines")
    .addHelpText("after", runsHelp)
    .action(async (source: TypedEntry, options: { json?: boolean }, command: Command) =>
      done(await (await import("./commands/runs.ts")).runs(contextOf(command), source, options)),
    );
}

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
