import type { Command } from "commander";
import { type ActingFlags, withActingOptions } from "../acting.ts";
import type { CommandRegistration } from "../command-registration.ts";

interface EraseFlags extends ActingFlags {
  inStatewave?: boolean;
  json?: boolean;
}

/** `erase`: what is stored of a subject. */
export function addEraseCommand(program: Command, { withConfig, contextOf, done }: CommandRegistration): void {
  withActingOptions(withConfig(program.command("erase")), "erase without a question")
    .description("erase a subject from the inbox, the dead letters and the records, and say what is left of it")
    .argument("<subject>", "as connectors write it, e.g. repo:acme/widgets, or as Statewave knows it")
    .option("--in-statewave", "also have Statewave delete its episodes and memories, for good")
    .option("--json", "print what was erased as JSON")
    .addHelpText("after", examples)
    .action(async (subject: string, flags: EraseFlags, command: Command) => {
      if (subject.trim() === "") command.error("error: the subject is empty");
      done(await (await import("./erase.ts")).erase(contextOf(command), subject, flags));
    });
}

const examples = `
It says how much it found before it erases anything. Pause the sources of the subject first: what they read afterwards is delivered again.
Repeat the command where it was interrupted, or where items were being delivered: it erases what is left.

Examples:
  $ statewave-connectors erase user:ada@example.com
  $ statewave-connectors erase repo:acme/widgets --in-statewave --yes`;
