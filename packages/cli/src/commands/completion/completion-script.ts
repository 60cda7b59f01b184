import type { Command } from "commander";

export const shells = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof shells)[number];

/** The completion of a shell, made of the commands that a program has. */
export async function completionScript(shell: Shell, program: Command): Promise<string> {
  const { commandWords } = await import("./command-words.ts");
  const words = commandWords(program);
  if (shell === "fish") return (await import("./fish-completion.ts")).fishCompletion(words);
  const { bashCompletion, zshCompletion } = await import("./bash-completion.ts");
  return shell === "bash" ? bashCompletion(words) : zshCompletion(words);
}
