import type { Command } from "commander";
import type { ExitCode } from "./exit-code.ts";
import type { CommandContext } from "./program.ts";

export interface SetupCommandsOptions {
  readonly withConfig: (command: Command) => Command;
  readonly contextOf: (command: Command) => CommandContext;
  readonly done: (code: ExitCode) => void;
}

/** Commands for the first file: what it may hold, and writing it. None needs a file. */
export function addSetupCommands(program: Command, { withConfig, contextOf, done }: SetupCommandsOptions): void {
  withConfig(program.command("connectors"))
    .description("list the installed connectors: what each can do, and the rights that its token needs")
    .argument("[kinds...]", "only these, e.g. github slack")
    .option("--json", "print JSON lines, with every option")
    .action(async (kinds: string[], options: { json?: boolean }, command: Command) =>
      done(await (await import("./commands/connectors.ts")).listConnectors(contextOf(command), kinds, options)),
    );

  withConfig(program.command("schema"))
    .description("print the JSON Schema of the file, for completion and errors in an editor")
    .option("-o, --output <path>", "write it to this file")
    .addHelpText("after", schemaHelp)
    .action(async (options: { output?: string }, command: Command) =>
      done(await (await import("./commands/schema.ts")).printSchema(contextOf(command), options)),
    );
}

const schemaHelp = `
The schema knows the connectors, stores and inboxes that are installed, and the connectors that the file names. Editors with Taplo ("Even
Better TOML" in VS Code) find it by the first line of the file:

  #:schema ./statewave-connectors.schema.json

Example:
  $ statewave-connectors schema --output statewave-connectors.schema.json`;
