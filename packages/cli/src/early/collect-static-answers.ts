import type { Command, Help } from "commander";
import { completionScript, shells } from "../commands/completion/completion-script.ts";
import type { HelpGroup, HelpPage } from "./help-page.ts";
import type { StaticAnswers } from "./static-answers.ts";

/** The help and the completions of a program, read from its tree, so that a new command is included. */
export async function collectStaticAnswers(program: Command): Promise<StaticAnswers> {
  const completion: Record<string, string> = {};
  for (const shell of shells) completion[shell] = await completionScript(shell, program);
  return { help: Object.fromEntries(collectPages(program, [])), completion };
}

function collectPages(command: Command, path: readonly string[]): readonly (readonly [string, HelpPage])[] {
  const below = command.commands.filter((each) => each.name() !== "help");
  return [[path.join(" "), toHelpPage(command)], ...below.flatMap((each) => collectPages(each, [...path, each.name()]))];
}

function toHelpPage(command: Command): HelpPage {
  const help = command.createHelp();
  return {
    usage: help.commandUsage(command),
    description: help.commandDescription(command),
    groups: groupsOf(command, help).filter(({ items }) => items.length > 0),
    after: textAfter(command),
  };
}

function groupsOf(command: Command, help: Help): readonly HelpGroup[] {
  return [
    {
      title: "Arguments:",
      items: help.visibleArguments(command).map((each) => [help.argumentTerm(each), help.argumentDescription(each)]),
    },
    {
      title: "Options:",
      items: help.visibleOptions(command).map((each) => [help.optionTerm(each), help.optionDescription(each)]),
    },
    {
      title: "Commands:",
      items: help.visibleCommands(command).map((each) => [help.subcommandTerm(each), help.subcommandDescription(each)]),
    },
  ];
}

/** What `addHelpText("after", …)` added: all that is written behind the help itself. */
function textAfter(command: Command): string {
  const written: string[] = [];
  command.configureOutput({ writeOut: (text) => void written.push(text) });
  command.outputHelp();
  return written.slice(1).join("");
}
