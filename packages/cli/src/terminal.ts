import { closeSync, openSync } from "node:fs";
import { chainToPackageManager, isBroken, procTable } from "./launcher.ts";

/** Takes what a command prints. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** Of a terminal: characters in a line. */
  readonly columns?: number | undefined;
}

/** Where a command reads its surroundings and writes its answer: given as an argument, so that tests need no process. */
export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Calls `listener` for SIGINT and SIGTERM until the returned function is called. */
  readonly onSignal: (listener: (signal: NodeJS.Signals) => void) => () => void;
  /**
   * Calls `listener` for signals that mean something to other programs and would end or open this one (SIGHUP, SIGUSR1, SIGUSR2), from then
   * on. `isTerminalGone`: the hang-up is that of the terminal this process was started in.
   */
  readonly onIdleSignal?: (listener: (signal: NodeJS.Signals, isTerminalGone: boolean) => void) => void;
  /** Calls `listener` once when the npm, pnpm or yarn that started this process is gone. */
  readonly onLauncherGone?: (listener: () => void) => void;
  /** Why stdout took nothing any more, if that happened. */
  readonly outputFailure?: () => NodeJS.ErrnoException | undefined;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
}

const launcherPollMs = 1_000;

let outputFailure: NodeJS.ErrnoException | undefined;

/** The terminal of this process. */
export const processTerminal: Terminal = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  onSignal(listener) {
    process.on("SIGINT", listener).on("SIGTERM", listener);
    return () => void process.off("SIGINT", listener).off("SIGTERM", listener);
  },
  onIdleSignal(listener) {
    const wasInTerminal = process.stdin.isTTY;
    process.on("SIGHUP", (signal) => listener(signal, wasInTerminal && !hasTerminal()));
    // A listener also keeps SIGUSR1 from opening Node's debugger to everybody on this machine.
    for (const name of ["SIGUSR1", "SIGUSR2"] as const) process.on(name, (signal) => listener(signal, false));
  },
  onLauncherGone(listener) {
    const links = chainToPackageManager(process, procTable);
    if (links === undefined) return;
    const polling = setInterval(() => {
      if (!isBroken(links, process.ppid, procTable)) return;
      clearInterval(polling);
      listener();
    }, launcherPollMs);
    polling.unref();
  },
  outputFailure: () => outputFailure,
  exit: (code) => process.exit(code),
};

/** Keeps a reader who is gone, or a full disk behind stdout or stderr, from ending this process. */
export function surviveLostOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    outputFailure ??= error;
  });
  process.stderr.on("error", () => undefined);
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}
