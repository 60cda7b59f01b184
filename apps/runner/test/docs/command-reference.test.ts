import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "@statewave-connectors/cli";
import { expect, test } from "vitest";
import { repository } from "./markdown-files.ts";

const reference = ["setup-commands.md", "cli.md"]
  .map((name) => readFileSync(join(repository, "docs/reference", name), "utf8"))
  .join("\n");

/** They are described once, for all commands. */
const common = new Set(["--help", "--config", "--dotenv", "--log-level"]);

async function help(...path: readonly string[]): Promise<string> {
  let stdout = "";
  const write = (text: string) => void (stdout += text);
  const terminal = {
    stdout: { write },
    stderr: { write },
    env: {},
    cwd: tmpdir(),
    onSignal: () => () => undefined,
    exit: () => undefined,
  };
  await runCli({ args: [...path, "--help"], version: "0.0.0", terminal, resolveFrom: [] });
  return stdout;
}

/** Every command that does something, read from the command tree. */
async function commandsBelow(...path: readonly string[]): Promise<readonly (readonly string[])[]> {
  const [own = "", listed = ""] = (await help(...path)).split("\nCommands:\n");
  const names = Array.from(listed.matchAll(/^ {2}([a-z][a-z-]*)/gm), ([, name = ""]) => name).filter((name) => name !== "help");
  const below = await Promise.all(names.map((name) => commandsBelow(...path, name)));
  return [...(names.length === 0 || own.includes("\nArguments:\n") ? [path] : []), ...below.flat()];
}

test.each(await commandsBelow())("the reference names `%s %s` and every option of its help", async (...words) => {
  const path = words.filter((word) => word !== undefined);
  const text = await help(...path);
  expect(text).toContain(`Usage: statewave-connectors ${path[0]}`);
  expect(reference).toMatch(new RegExp(`\\| \`${path.join(" ")}[ \`]`));
  const options = Array.from(text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm), ([, option = ""]) => option);
  const isNamed = (option: string) => new RegExp(`[\` ]${option}[\` ]`).test(reference);
  expect(options.filter((option) => !common.has(option) && !isNamed(option))).toEqual([]);
});
