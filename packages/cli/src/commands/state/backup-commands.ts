import type { Command } from "commander";
import { type ActingFlags, withActingOptions } from "../acting.ts";
import type { CommandRegistration } from "../command-registration.ts";

/** Commands that copy the files of the state, and put the copy back. */
export function addBackupCommands(program: Command, { withConfig, contextOf, done }: CommandRegistration): void {
  withConfig(program.command("backup"))
    .description("copy cursors, records, webhooks and dead letters of a file state, also while the runner runs")
    .argument("<folder>", "a new folder")
    .option("--json", "print the files as JSON")
    .action(async (folder: string, options: { json?: boolean }, command: Command) =>
      done(await (await import("./backup.ts")).backUp(contextOf(command), folder, options)),
    );
  withActingOptions(withConfig(program.command("restore")), "restore without a question")
    .description("replace a file state with a back-up; refused while a runner runs")
    .argument("<folder>", "what `backup` wrote")
    .option("--json", "print the files as JSON")
    .action(async (folder: string, options: ActingFlags & { json?: boolean }, command: Command) =>
      done(await (await import("./backup.ts")).restore(contextOf(command), folder, options)),
    );
}
