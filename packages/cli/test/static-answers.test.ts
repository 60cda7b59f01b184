import { tmpdir } from "node:os";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { collectStaticAnswers } from "../src/early/collect-static-answers.ts";
import { commandTree } from "../src/early/command-tree.ts";
import { formatHelp } from "../src/early/help-page.ts";
import { runHere } from "./run-here.ts";

function everyCommand(command: Command, path: readonly string[] = []): readonly (readonly [string, Command])[] {
  const below = command.commands.filter((each) => each.name() !== "help");
  return [[path.join(" "), command], ...below.flatMap((each) => everyCommand(each, [...path, each.name()]))];
}

function laidOutByCommander(command: Command, width: number): string {
  let text = "";
  command.configureOutput({ getOutHelpWidth: () => width, writeOut: (part) => void (text += part) });
  command.outputHelp();
  return text;
}

test.each([24, 60, 80, 97, 200])("the help of every command at a width of %d is what the command tree prints", async (width) => {
  const { help } = await collectStaticAnswers(commandTree());
  const commands = everyCommand(commandTree());
  expect(commands.map(([path]) => path)).toEqual(expect.arrayContaining(["", "run", "state reset", "dead-letters edit"]));
  expect(Object.keys(help).toSorted()).toEqual(commands.map(([path]) => path).toSorted());
  for (const [path, command] of commands) {
    const page = help[path];
    expect([path, page && formatHelp(page, width)]).toEqual([path, laidOutByCommander(command, width)]);
  }
});

test("the completion of every shell is what `completion` prints", async () => {
  const { completion } = await collectStaticAnswers(commandTree());
  for (const shell of ["bash", "zsh", "fish"]) {
    expect(await runHere(tmpdir(), ["completion", shell])).toEqual({ code: 0, stdout: completion[shell], stderr: "" });
  }
});
