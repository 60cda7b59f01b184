import { chmodSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { delimiter } from "node:path";
import type { RunnerProcess } from "./runner-process.ts";
import type { Workspace } from "./workspace.ts";

const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** The text of a guide. */
export function guideText(name: string): string {
  return readFileSync(new URL(`../../../../docs/guides/${name}.md`, import.meta.url), "utf8");
}

/** The code blocks of a language in a guide. */
export function blocksOf(name: string, language: string): readonly string[] {
  return Array.from(guideText(name).matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm")), ([, block = ""]) => block);
}

/**
 * Runs blocks of a guide in its workspace, as a shell does. `statewave-connectors` is the real program; what belongs to another machine has a
 * stand-in that writes its words into `calls`.
 */
export class GuideShell {
  readonly #workspace: Workspace;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(workspace: Workspace, env: Readonly<Record<string, string>>) {
    this.#workspace = workspace;
    this.#env = env;
  }

  static async open(workspace: Workspace, standIns: readonly string[] = []): Promise<GuideShell> {
    const programs: readonly (readonly [string, string])[] = [
      ["statewave-connectors", `exec "${process.execPath}" "${main}" "$@"`],
      // As npx does, it runs a program that is installed.
      ["npx", 'exec "$@"'],
      ...standIns.map((name) => [name, `echo "${name} $*" >> "${workspace.path("calls")}"`] as const),
    ];
    for (const [name, script] of programs) {
      const file = `bin/${name}`;
      await workspace.write(file, `#!/bin/sh\n${script}\n`);
      chmodSync(workspace.path(file), 0o755);
    }
    return new GuideShell(workspace, { PATH: `${workspace.path("bin")}${delimiter}${process.env["PATH"] ?? ""}` });
  }

  start(block: string, env: Readonly<Record<string, string>> = {}): RunnerProcess {
    return this.#workspace.start({ command: ["bash", "-e", "-c", block], env: { ...this.#env, ...env } });
  }

  /** To its end, which has to be a good one. */
  async run(block: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const shell = this.start(block, env);
    const { code } = await shell.exited;
    if (code !== 0) throw new Error(`${block.trim()} ended with ${code}: ${shell.stdout}${shell.stderr}`);
    return shell.stdout;
  }

  /** What the stand-ins were called with. */
  calls(): readonly string[] {
    return readFileSync(this.#workspace.path("calls"), "utf8").trim().split("\n");
  }
}
