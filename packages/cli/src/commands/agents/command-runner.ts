import type { CommandOutcome, CommandRequest, RunCommand } from "@statewave-connectors/mcp";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { Output, Terminal } from "../../terminal/terminal.ts";

/** Runs a command in this process, with a terminal of its own. */
export type RunInProcess = (args: readonly string[], terminal: Terminal) => Promise<ExitCode>;

export interface CommandRunnerOptions {
  readonly run: RunInProcess;
  readonly terminal: Pick<Terminal, "env" | "cwd">;
  /** Options that each command is given: the configuration. */
  readonly ownOptions: readonly string[];
}

/** Enough for a letter of the largest body, or the status of 10,000 entries. */
const mostCharacters = 32 * 1024 * 1024;

/** Runs commands as an operator would type them, and keeps what they print. */
export function commandRunner({ run, terminal, ownOptions }: CommandRunnerOptions): RunCommand {
  return async ({ name, options, operands, signal }: CommandRequest): Promise<CommandOutcome> => {
    const [stdout, stderr] = [new KeptOutput(), new KeptOutput()];
    const code = await run([...name, ...options, ...ownOptions, "--", ...operands], {
      ...terminal,
      stdout,
      stderr,
      onSignal: (listener) => listenToAbort(signal, listener),
      outlivesCommands: true,
      exit: () => undefined,
      outputFailure: () => (stdout.isFull ? Object.assign(new Error("the output is too long"), { code: "EPIPE" }) : undefined),
    });
    if (!stdout.isFull) return { exitCode: code, stdout: stdout.text, stderr: stderr.text };
    const message = "error: the command printed more than can be shown: request less\n";
    return { exitCode: exitCode.failed, stdout: "", stderr: stderr.text + message };
  };
}

/** The end of a call is for its command what Ctrl-C is at a terminal. */
function listenToAbort(signal: AbortSignal, listener: (signal: NodeJS.Signals) => void): () => void {
  const onAbort = () => listener("SIGINT");
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}

class KeptOutput implements Output {
  text = "";
  isFull = false;

  write(text: string): void {
    if (this.isFull) return;
    this.isFull = this.text.length + text.length > mostCharacters;
    if (!this.isFull) this.text += text;
  }
}
