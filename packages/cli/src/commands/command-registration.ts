import type { Command, Option } from "commander";
import type { ExitCode } from "../exit-code.ts";
import type { CommandContext } from "./command-context.ts";

/** What a group of commands is added with. */
export interface CommandRegistration {
  /** Gives a command the options of those that read the configuration. */
  readonly withConfig: (command: Command) => Command;
  readonly contextOf: (command: Command) => CommandContext;
  /** For a command that reads configurations which options of its own name. */
  readonly dotenvOption: () => Option;
  readonly logLevelOption: () => Option;
  /** Called with what the command ended with, and whether it failed when what it printed is lost. */
  readonly done: (code: ExitCode, output?: "needed" | "extra") => void;
}
