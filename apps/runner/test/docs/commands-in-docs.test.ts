import { describe, expect, test } from "vitest";
import { commandsBelow, help } from "./command-help.ts";
import { markdownFiles } from "./markdown-files.ts";

/** A command line of the program, as a page shows it. */
interface ShownCommand {
  readonly page: string;
  readonly line: string;
}

/** Where a command line ends: a comment, a pipe, a redirection, the next command. */
const endOfCommand = /\s(?:#|\||>|&&|;|2>)|[;|)]|$/;
const program = /(?:^|[\s=('"/])statewave-connectors (?=[a-z])/g;

/** The command lines in shell blocks and inline code. */
function shownCommands(page: string, text: string): readonly ShownCommand[] {
  const blocks = Array.from(text.matchAll(/^ *```sh\n([^]*?)^ *```/gm), ([, block = ""]) => block.replaceAll("\\\n", " "));
  const inline = Array.from(text.replaceAll(/^ *```[^]*?^ *```/gm, "").matchAll(/`([^`\n]+)`/g), ([, code = ""]) => code);
  return [...blocks.flatMap((block) => block.split("\n")), ...inline].flatMap((line) =>
    Array.from(line.matchAll(program), ({ index, 0: found }) => {
      const rest = line.slice(index + found.length);
      return { page, line: rest.slice(0, endOfCommand.exec(rest)?.index).trim() };
    }),
  );
}

const commands = new Set((await commandsBelow()).map((path) => path.join(" ")));
const shown = [...markdownFiles()]
  .filter(([page]) => !page.startsWith(".changeset/"))
  .flatMap(([page, text]) => shownCommands(page, text));
const unique = [...new Map(shown.map((command) => [`${command.page} ${command.line}`, command])).values()];

/** Commands that take options of the connector. */
const ownOptions = new Set(["listen"]);

/** What is wrong with a command line: a command that there is not, or options that it does not have. */
async function faultsOf(line: string): Promise<readonly string[]> {
  const words = line.split(/\s+/);
  const name = [words.slice(0, 2).join(" "), words[0] ?? ""].find((each) => commands.has(each));
  if (name === undefined) {
    // A group of commands may be named as a whole.
    return [...commands].some((each) => each.startsWith(`${line} `)) ? [] : ["no such command"];
  }
  if (ownOptions.has(name)) return [];
  const text = await help(...name.split(" "));
  const options = words.flatMap((word) => /^--[a-z][a-z-]*/.exec(word)?.[0] ?? []);
  return options.filter((option) => !text.includes(`${option} `) && !text.includes(`${option}\n`));
}

describe("a command in the docs exists, with the options that it is shown with:", () => {
  test.each(unique)("$page: $line", async ({ line }) => {
    expect(await faultsOf(line)).toEqual([]);
  });

  test.each([
    ["statsu", ["no such command"]],
    ["state list --josn", ["--josn"]],
    ["listen slack --signing-secret s", []],
    ["dead-letters", []],
  ])("what does not is found: %s", async (line, faults) => {
    expect(await faultsOf(line)).toEqual(faults);
  });

  test("there are more than a hundred of them", () => {
    expect(unique.length).toBeGreaterThan(100);
  });
});
