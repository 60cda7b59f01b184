import { setTimeout as after } from "node:timers/promises";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { stoppedBy } from "./stopped-by.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** How long work that must stop may take to end by itself, a run at its last checkpoint for instance. */
const defaultGraceMs = 1_000;
const closingSlackMs = 500;

/**
 * What a command does until SIGINT or SIGTERM, which abort `signal`. Work that does not heed it, because a server takes its time to
 * answer, is left alone after `graceMs`, a second unless there is more to clean up, and the command ends.
 */
export async function untilStopped(
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<ExitCode>,
  graceMs = defaultGraceMs,
): Promise<ExitCode> {
  const abort = new AbortController();
  const givenUp = Promise.withResolvers<never>();
  const unlisten = terminal.onSignal((signal) => {
    abort.abort(stoppedBy(signal));
    if (terminal.outlivesCommands === true) return;
    void after(graceMs, undefined, { ref: false }).then(() => givenUp.reject(abort.signal.reason));
  });
  try {
    return await Promise.race([work(abort.signal), givenUp.promise]);
  } finally {
    unlisten();
    if (abort.signal.aborted) endSoon(terminal);
  }
}

/** Ends the process although a connection is open to a server that does not answer: nothing depends on it any more. */
export function endSoon(terminal: Terminal): void {
  setTimeout(() => terminal.exit(Number(process.exitCode ?? exitCode.ok)), closingSlackMs).unref();
}
