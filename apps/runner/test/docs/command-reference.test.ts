import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandsBelow, help } from "./command-help.ts";
import { repository } from "./markdown-files.ts";

const pages = ["setup-commands.md", "cli.md"].map((name) => readFileSync(join(repository, "docs/reference", name), "utf8"));

/** They are described once, for all commands. */
const common = new Set(["--help", "--config", "--dotenv", "--log-level", "--as"]);

interface Row {
  readonly command: string;
  readonly operands: string;
  /** Its arguments and options. */
  readonly takes: string;
  readonly page: string;
}

/** The rows of the tables of commands. */
const rows: readonly Row[] = pages.flatMap((page) =>
  Array.from(page.matchAll(/^\| command +\| arguments and options +\|[^]*?\n\n/gm)).flatMap(([table]) =>
    table.split("\n").flatMap((line) => {
      const [, called = "", takes = ""] = line.split(/(?<!\\)\|/);
      const [, command, operands = ""] = /^ `([a-z-]+(?: [a-z-]+)*)((?: [<[].*)?)` *$/.exec(called) ?? [];
      return command === undefined ? [] : [{ command, operands, takes, page }];
    }),
  ),
);

function rowOf(command: string): Row {
  const row = rows.find((each) => each.command === command);
  if (row === undefined) throw new Error(`${command} has no row`);
  return row;
}

/** What a row says in the place that it names: the section of a link to its own page, or the row of another command. */
function placesNamedBy({ page, takes }: Row): string {
  const anchors = new Set(Array.from(takes.matchAll(/\(#([a-z-]+)\)/g), ([, anchor]) => anchor));
  const sections = page.split(/^## /m).filter((section) => anchors.has(anchorOf(section.split("\n")[0] ?? "")));
  const filters = takes.includes("filters of `list`") ? rowOf("dead-letters list").takes : "";
  return [...sections, filters].join("\n");
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^a-z -]/g, "")
    .replaceAll(" ", "-");
}

function optionsIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/(?<=[` ])--[a-z][a-z-]*/g), ([option]) => option);
}

const commands = (await commandsBelow()).map((path) => path.join(" "));

describe.each(commands)("the row of `%s`", (command) => {
  test("names every option of its help, or the section that does, and no other", async () => {
    const text = await help(...command.split(" "));
    const options = Array.from(text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm), ([, option = ""]) => option);
    const row = rowOf(command);
    const named = new Set([...optionsIn(row.takes), ...optionsIn(placesNamedBy(row))]);
    expect({
      missing: options.filter((option) => !common.has(option) && !named.has(option)),
      wrong: optionsIn(row.takes).filter((option) => !options.includes(option)),
    }).toEqual({ missing: [], wrong: [] });
  });

  test("has the operands of its help", async () => {
    const [, usage = ""] = /^Usage: statewave-connectors (.*)$/m.exec(await help(...command.split(" "))) ?? [];
    const own = usage
      .slice(command.length)
      .replace(/\[--.*$/, "")
      .replace("[command]", "");
    const operands = own.match(/<[a-z_-]+(?:\.{3})?>|\[(?!options)[a-z_-]+(?:\.{3})?\]/g) ?? [];
    const shape = (text: string) => Array.from(text.matchAll(/([<[])[^\s]*(?:\/[^\s]+)?/g), ([, bracket]) => bracket).join("");
    expect(shape(rowOf(command).operands)).toBe(operands.map((operand) => operand[0]).join(""));
  });
});

test("every command has one row, and every row a command", () => {
  expect(rows.map(({ command }) => command).toSorted()).toEqual(commands.toSorted());
});
