import type { Command } from "commander";
import type { RunInProcess } from "./command-runner.ts";
import type { CommandRegistration } from "../command-registration.ts";

/** `mcp`: what an agent sees of the runner. `run` runs any command in this process. */
export function addAgentCommand(program: Command, { withConfig, contextOf, done }: CommandRegistration, run: RunInProcess): void {
  withConfig(program.command("mcp"))
    .description("let an AI agent look at the runner: speaks the Model Context Protocol on stdin and stdout; an agent starts it")
    .option("--allow-actions", "also let it pause and resume entries and start backfills")
    .addHelpText("after", help)
    .action(async (options: { allowActions?: boolean }, command: Command) =>
      done(await (await import("./mcp.ts")).serveMcp(contextOf(command), run, options)),
    );
}

const help = `
It needs the package @statewave-connectors/mcp beside this program. An agent gets status, runs, dead letters, doctor and trace: redacted, cut, and
with the fields named that hold text of others. Nothing can be edited, discarded or reset.

Example, as a command in the settings of an agent:
  statewave-connectors mcp --config /etc/statewave/statewave-connectors.toml`;
