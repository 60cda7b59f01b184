import { runCli, type Terminal } from "../src/index.ts";
import { outputFaults, outputOf } from "../src/json-shapes/index.ts";

/** The deployable's folder: where the adapters are installed. */
export const resolveFrom = [new URL("../../../apps/runner/src/main.ts", import.meta.url).href];

/**
 * Runs the command line in this process, as the bin does, in a folder; answers what it printed. Throws where its JSON is not as the reference
 * describes it.
 */
export async function runHere(cwd: string, args: readonly string[], surroundings: Partial<Terminal> = {}, calledAs?: string) {
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
  const code = await runCli({ args, version: "1.2.3", terminal, resolveFrom, ...(calledAs !== undefined && { calledAs }) });
  const output = outputOf(args);
  const faults = output === undefined ? [] : outputFaults(output, printed.stdout);
  if (faults.length > 0) throw new Error(`${args.join(" ")} prints what is not described: ${faults.join("; ")}`);
  return { code, ...printed };
}
