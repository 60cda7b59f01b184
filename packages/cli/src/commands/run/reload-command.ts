import type { Command } from "commander";
import type { CommandRegistration } from "../command-registration.ts";
import { toName } from "../acting.ts";

/** `reload`: what SIGHUP does, with an answer. */
export function addReloadCommand(program: Command, { withConfig, contextOf, done }: CommandRegistration): void {
  withConfig(program.command("reload"))
    .description("have the running process read its configuration again, and apply what has changed")
    .option("--as <name>", "who you are, where several people share a user: for the audit log", toName)
    .option("--json", "print JSON lines")
    .addHelpText("after", reloadHelp)
    .action(async (options: { as?: string; json?: boolean }, command: Command) =>
      done(await (await import("./reload.ts")).reload(contextOf(command), options)),
    );
}

const reloadHelp = `
The whole configuration is checked first; with a mistake in it, everything stays as it was. Then entries are added, changed and removed one by
one, and keys and secrets are replaced. What needs a restart is named and left. Exit code 1 when anything is not in effect.`;
