import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "@statewave-connectors/cli";
import { expect, test } from "vitest";
import { repository } from "./markdown-files.ts";

const reference = ["setup-commands.md", "cli.md"]
  .map((name) => readFileSync(join(repository, "docs/reference", name), "utf8"))
  .join("\n");

async function help(command: string): Promise<string> {
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
  await runCli({ args: [command, "--help"], version: "0.0.0", terminal, resolveFrom: [] });
  return stdout;
}

test.each(["connectors", "schema", "init", "migrate", "listen", "simulate", "run", "doctor", "healthcheck", "completion", "mcp"])(
  "the reference names %s and every option of its help",
  async (command) => {
    const text = await help(command);
    expect(text).toContain(`Usage: statewave-connectors ${command}`);
    expect(reference).toMatch(new RegExp(`\\| \`${command}[ \`]`));
    const options = Array.from(text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm), ([, option = ""]) => option);
    expect(options.filter((option) => option !== "--help" && !reference.includes(`\`${option}`))).toEqual([]);
  },
);
