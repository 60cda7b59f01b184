import { type ExitCode, exitCode } from "../exit-code.ts";
import type { Terminal } from "./terminal.ts";

export interface Confirmed {
  /** What is about to change, with its count: `reset 3 sources`. */
  readonly what: string;
  /** Passed on the command line. */
  readonly yes: boolean | undefined;
  readonly signal: AbortSignal;
}

/**
 * Runs `act` when the operator agrees, by `--yes` or at the terminal. Without either nothing is changed: the exit code is that of wrong
 * arguments where no terminal could be used, so that no script waits for an answer.
 */
export async function whenConfirmed(
  { question, stderr }: Pick<Terminal, "question" | "stderr">,
  { what, yes, signal }: Confirmed,
  act: () => Promise<ExitCode>,
): Promise<ExitCode> {
  if (yes === true) return act();
  if (question === undefined) {
    stderr.write(`error: this would ${what}: pass --yes to confirm it\n`);
    return exitCode.usage;
  }
  const answer = await question(`This will ${what}. Continue? [y/N] `, signal);
  if (/^\s*y(es)?\s*$/i.test(answer)) return act();
  stderr.write("nothing was changed\n");
  return exitCode.failed;
}
