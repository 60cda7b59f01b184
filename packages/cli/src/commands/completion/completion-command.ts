import { type Command, InvalidArgumentError } from "commander";
import type { CommandRegistration } from "../command-registration.ts";
import { exitCode } from "../../exit-code.ts";
import type { Shell } from "./completion-script.ts";

/** `completion`: a script for a shell, made of the commands that the program has. */
export function addCompletionCommand(program: Command, { contextOf, done }: CommandRegistration): void {
  program
    .command("completion")
    .copyInheritedSettings(program)
    .description("print the completion of a shell")
    .argument("<shell>", "bash, zsh or fish", toShell)
    .addHelpText("after", completionHelp)
    .action(async (shell: Shell, _options, command: Command) => {
      const { terminal } = contextOf(command);
      const { completionScript } = await import("./completion-script.ts");
      terminal.data.write(await completionScript(shell, program));
      done(exitCode.ok);
    });
}

function toShell(text: string): Shell {
  if (text === "bash" || text === "zsh" || text === "fish") return text;
  throw new InvalidArgumentError("It is bash, zsh or fish.");
}

const completionHelp = `
Examples:
  $ source <(statewave-connectors completion bash)
  $ statewave-connectors completion fish > ~/.config/fish/completions/statewave-connectors.fish`;
