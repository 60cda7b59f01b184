import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { commandTree } from "../../src/early/command-tree.ts";
import { commandIn, shellLines } from "./shell-blocks.ts";

const pages = [
  "guides/state.md",
  "guides/erase-a-subject.md",
  "guides/notices.md",
  "guides/reload.md",
  "guides/see-what-goes-on.md",
  "reference/setup-commands.md",
];
const examples = pages.flatMap((page) =>
  shellLines(page).flatMap((line) => {
    const words = commandIn(line);
    return words === undefined ? [] : [{ page, line, words }];
  }),
);

/** A tree whose commands only say that they were reached. */
function listeningTree(onReached: () => void): Command {
  const listen = (command: Command) => {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    if (command.commands.length === 0 || command.registeredArguments.length > 0) command.action(onReached);
    for (const below of command.commands) listen(below);
  };
  const tree = commandTree();
  listen(tree);
  return tree;
}

describe("an example in a shell block", () => {
  test.each(examples)("of $page is a command line that the program takes: $line", async ({ words }) => {
    let reached = 0;
    await listeningTree(() => (reached += 1)).parseAsync([...words], { from: "user" });
    expect(reached).toBe(1);
  });

  test("is there on each of these pages", () => {
    expect(new Set(examples.map(({ page }) => page))).toEqual(new Set(pages));
  });
});
