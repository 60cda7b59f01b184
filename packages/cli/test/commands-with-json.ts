import { tmpdir } from "node:os";
import { runCli } from "../src/index.ts";
import { resolveFrom } from "./run-here.ts";

/** The commands that have `--json`, read from the command tree. */
export async function commandsWithJson(...path: readonly string[]): Promise<readonly string[]> {
  const help = await helpOf(path);
  const [own = "", listed = ""] = help.split("\nCommands:\n");
  const names = Array.from(listed.matchAll(/^ {2}([a-z][a-z-]*)/gm), ([, name = ""]) => name).filter((name) => name !== "help");
  const below = await Promise.all(names.map((name) => commandsWithJson(...path, name)));
  return [...(own.includes("  --json ") ? [path.join(" ")] : []), ...below.flat()];
}

async function helpOf(path: readonly string[]): Promise<string> {
  let text = "";
  const output = { write: (part: string) => void (text += part) };
  const terminal = {
    stdout: output,
    stderr: output,
    env: {},
    cwd: tmpdir(),
    onSignal: () => () => undefined,
    exit: () => undefined,
  };
  await runCli({ args: [...path, "--help"], version: "0.0.0", terminal, resolveFrom });
  return text;
}
