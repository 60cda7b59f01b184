import { runCli, type Terminal } from "../src/index.ts";

/** The deployable's folder: where the adapters are installed. */
export const resolveFrom = [new URL("../../../apps/runner/src/main.ts", import.meta.url).href];

/** Runs the command line in this process, as the bin does, in a folder; answers what it printed. */
export async function runHere(cwd: string, args: readonly string[], surroundings: Partial<Terminal> = {}) {
  const printed = { stdout: "", stderr: "" };
  const terminal: Terminal = {
    stdout: { write: (text) => (printed.stdout += text) },
    stderr: { write: (text) => (printed.stderr += text) },
    env: {},
    cwd,
    onSignal: () => () => undefined,
    exit: () => {
      throw new Error("nothing here ends the process");
    },
    ...surroundings,
  };
  const code = await runCli({ args, version: "1.2.3", terminal, resolveFrom });
  return { code, ...printed };
}
