import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { untilReady } from "../../lib/runner-process.ts";

/** The folder of this checkout. */
export const thisCheckout = fileURLToPath(new URL("../../..", import.meta.url));

// From the sources: what is measured is what is being worked on, and nothing has to be built first.
function startProgram(checkout: string, args: readonly string[]): ChildProcess {
  const program = join(checkout, "apps/runner/checkout-cli.ts");
  const command = ["--conditions=@statewave-connectors/source", program, ...args];
  return spawn(process.execPath, command, { cwd: checkout, stdio: ["ignore", "pipe", "pipe"], env: ownEnvironment() });
}

/** `INIT_CWD` of npm would move relative paths, and a heap limit is the program's own affair. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const { INIT_CWD: _, NODE_OPTIONS: __, ...rest } = process.env;
  return rest;
}

/** Runs one command of a checkout's program to its end. */
export async function runCommand(checkout: string, args: readonly string[]): Promise<void> {
  const child = startProgram(checkout, args);
  const [output, errors, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, "exit")]);
  if (code !== 0) throw new Error(`${args.join(" ")} in ${checkout} ended with code ${String(code)}: ${errors || output}`);
}

/** Runs the program of a checkout on a configuration while `work` is done. */
export async function whileRunning(checkout: string, config: string, url: string, work: () => Promise<void>): Promise<void> {
  const child = startProgram(checkout, ["run", "--config", config]);
  const exited = once(child, "exit");
  child.stdout?.resume();
  const errors = text(child.stderr!);
  try {
    await untilReady(child, `${url}/readyz`);
    await work();
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(`the program in ${checkout} did not take the webhooks: ${await errors}`, { cause: error });
  }
  child.kill("SIGTERM");
  await exited;
}
