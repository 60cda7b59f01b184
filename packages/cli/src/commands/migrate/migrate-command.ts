import type { Command } from "commander";
import { type ActingFlags, withActingOptions } from "../acting.ts";
import type { CommandRegistration } from "../command-registration.ts";

interface MigrateFlags extends ActingFlags {
  write?: string;
  force?: boolean;
  since?: string;
  state: boolean;
  json?: boolean;
}

/** The command that moves here from the runner of `@statewavedev/connectors-runner`. */
export function addMigrateCommand(program: Command, { withConfig, contextOf, done }: CommandRegistration): void {
  withActingOptions(withConfig(program.command("migrate")), "also set where sources begin, and store the backfills")
    .description(
      "plan the move from @statewavedev/connectors-runner: its file, its cursors, and what to read again; writes nothing by itself",
    )
    .argument("<file>", "the statewave-connectors.toml of the earlier runner")
    .option("-w, --write <file>", "write the new configuration to this file")
    .option("--force", "replace the file of --write if it exists")
    .option("--since <time>", "read again from then on: a date, a date with time and offset, or an age such as 90d")
    .option("--no-state", "do not look at the cursors of the earlier runner")
    .option("--json", "print the plan as JSON")
    .addHelpText("after", help)
    .action(async (file: string, options: MigrateFlags, command: Command) =>
      done(await (await import("./migrate.ts")).migrate(contextOf(command), file, options)),
    );
}

const help = `
The file and the cursors of the earlier runner are only read. --yes acts on the state of the file of --write or, without --write, of --config.

Examples:
  $ statewave-connectors migrate old.toml --dotenv .env
  $ statewave-connectors migrate old.toml --dotenv .env --write statewave-connectors.toml
  $ statewave-connectors migrate old.toml --dotenv .env --config statewave-connectors.toml --since 2026-01-01 --yes`;
