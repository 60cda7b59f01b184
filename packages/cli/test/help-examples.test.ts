import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { commandTree } from "../src/early/command-tree.ts";
import { collectStaticAnswers } from "../src/early/collect-static-answers.ts";

const { help } = await collectStaticAnswers(commandTree());

/** The words of each command of ours in a line of a shell, pipes and substitutions left out. */
function commandsIn(line: string): readonly (readonly string[])[] {
  const parts = line.split(/ [|>] | && |<\(|\)$/);
  return parts.flatMap((part) => {
    const words = Array.from(
      part.replace(/ +#.*$/, "").matchAll(/'([^']*)'|"([^"]*)"|[^\s'"]+/g),
      ([whole, single, double]) => single ?? double ?? whole,
    );
    const at = words.indexOf("statewave-connectors");
    return at === -1 ? [] : [words.slice(at + 1)];
  });
}

const examples = Object.entries(help).flatMap(([path, { after }]) =>
  Array.from(after.matchAll(/^ {2}\$ (.*)$/gm), ([, line = ""]) => ({ path, line })),
);

/** A tree whose commands only say which of them was reached. */
function listeningTree(reached: (path: string) => void): Command {
  const listen = (command: Command, path: readonly string[]) => {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    const acts = command.commands.length === 0 || command.registeredArguments.length > 0;
    if (acts) command.action(() => reached(path.join(" ")));
    for (const below of command.commands) listen(below, [...path, below.name()]);
  };
  const tree = commandTree();
  listen(tree, []);
  return tree;
}

describe("an example in the help", () => {
  test.each(examples)("of `$path` is a command line that the program takes: $line", async ({ line }) => {
    const commands = commandsIn(line);
    expect(commands).not.toEqual([]);
    for (const words of commands) {
      const reached: string[] = [];
      await listeningTree((each) => reached.push(each)).parseAsync([...words], { from: "user" });
      expect(reached).toHaveLength(1);
    }
  });

  test("is there for most commands that act or need arguments", () => {
    expect(new Set(examples.map(({ path }) => path)).size).toBeGreaterThanOrEqual(10);
  });
});
