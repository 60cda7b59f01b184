import { tmpdir } from "node:os";
import { runCli } from "@statewave-connectors/cli";

/** The help of a command, as the program prints it. */
export async function help(...path: readonly string[]): Promise<string> {
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
export async function commandsBelow(...path: readonly string[]): Promise<readonly (readonly string[])[]> {
  const [own = "", listed = ""] = (await help(...path)).split("\nCommands:\n");
  const names = Array.from(listed.matchAll(/^ {2}([a-z][a-z-]*)/gm), ([, name = ""]) => name).filter((name) => name !== "help");
  const below = await Promise.all(names.map((name) => commandsBelow(...path, name)));
  return [...(names.length === 0 || own.includes("\nArguments:\n") ? [path] : []), ...below.flat()];
}
