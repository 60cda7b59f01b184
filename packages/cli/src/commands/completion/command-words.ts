import type { Command, Option } from "commander";

/** What may stand behind a command, as a shell completes it. */
export interface CommandWords {
  /** The names from the program's on, e.g. `["state", "list"]`; empty: the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionWords[];
}

export interface OptionWords {
  readonly names: readonly string[];
  readonly description: string;
  /** What its value may be; `file`: a path; absent: it takes none; empty: any text. */
  readonly values?: readonly string[] | "file";
}

/** Every command of a program, read from its tree, so that a new one is completed, too. */
export function commandWords(command: Command, path: readonly string[] = []): readonly CommandWords[] {
  const help = command.createHelp();
  const subcommands = help.visibleCommands(command).filter((each) => each.name() !== "help");
  const own = {
    path,
    description: command.description(),
    subcommands: subcommands.map((each) => ({ name: each.name(), description: each.description() })),
    options: help.visibleOptions(command).map(toWords),
  };
  return [own, ...subcommands.flatMap((each) => commandWords(each, [...path, each.name()]))];
}

function toWords(option: Option): OptionWords {
  const { short, long, description, argChoices, flags } = option;
  const names = [short, long].filter((name) => name !== undefined);
  if (!option.required && !option.optional) return { names, description };
  return { names, description, values: /<(?:path|file|folder)>/.test(flags) ? "file" : (argChoices ?? []) };
}
