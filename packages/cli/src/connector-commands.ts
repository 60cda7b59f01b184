import { type Command, Option } from "commander";
import type { ExitCode } from "./exit-code.ts";
import type { CommandContext } from "./program.ts";

export interface ConnectorCommandsOptions {
  readonly contextOf: (command: Command) => CommandContext;
  readonly done: (code: ExitCode) => void;
}

/** Commands that need no configuration file. */
export function addConnectorCommands(program: Command, { contextOf, done }: ConnectorCommandsOptions): void {
  program
    .command("new-connector")
    .copyInheritedSettings(program)
    .description("make a connector package for another source: whole, with tests, to be changed bit by bit")
    .argument("<kind>", "the word that stands for the source in the file, e.g. zendesk or google-drive")
    .option("--folder <path>", "where to write it (default: ./statewave-connector-<kind>)")
    .option("--pull-only", "for a source without webhooks")
    .addOption(new Option("--push-only", "for a source that only sends webhooks").conflicts("pullOnly"))
    .action(async (kind: string, { pullOnly, pushOnly, ...options }: NewConnectorFlags, command: Command) => {
      const only = pullOnly === true ? "pull" : pushOnly === true ? "push" : undefined;
      done(await (await import("./commands/new-connector.ts")).newConnector(contextOf(command), kind, { ...options, only }));
    });
}

interface NewConnectorFlags {
  folder?: string;
  pullOnly?: boolean;
  pushOnly?: boolean;
}
