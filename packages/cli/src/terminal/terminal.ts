import { closeSync, openSync } from "node:fs";
import { type ProtocolPipes, takeProtocolPipes } from "./protocol-pipes.ts";
import { idleSignals, type TakeHeldSignals } from "../hold-signals.ts";
import { chainToPackageManager, isBroken, procTable } from "../process/launcher.ts";

/** Where a command prints. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** Of a terminal: characters in a line. */
  readonly columns?: number | undefined;
}

/** Where a command reads answers. */
export type TerminalInput = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Where a command reads its surroundings and writes its answer: given as an argument, so that tests need no process. */
export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Opens where a person answers questions. Absent: no question is put. */
  readonly openInput?: (() => TerminalInput) | undefined;
  /** Takes stdin and stdout for a protocol: nothing else is written there from then on. */
  readonly takeProtocolPipes?: () => ProtocolPipes;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Calls `listener` for SIGINT and SIGTERM until the returned function is called. */
  readonly onSignal: (listener: (signal: NodeJS.Signals) => void) => () => void;
  /**
   * Calls `listener` for SIGHUP, SIGUSR1 and SIGUSR2, which would otherwise end this process or open its debugger.
   * `isTerminalGone`: SIGHUP because the terminal that this process was started in is closed.
   */
  readonly onIdleSignal?: (listener: IdleSignalListener) => void;
  /** Calls `listener` once when the npm, pnpm or yarn that started this process has ended. */
  readonly onLauncherGone?: (listener: () => void) => void;
  /** Prints a question and resolves with the line that is typed. Absent where no person can answer: not in a terminal. */
  readonly question?: ((text: string, signal: AbortSignal) => Promise<string>) | undefined;
  /** The error of the first failed write to stdout; undefined when none failed. */
  readonly outputFailure?: () => NodeJS.ErrnoException | undefined;
  /** Whether the process outlives a command: none is left alone then, because what it holds open would stay so. */
  readonly outlivesCommands?: boolean;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
}

type IdleSignalListener = (signal: NodeJS.Signals, isTerminalGone: boolean) => void;

const launcherPollMs = 1_000;

let outputFailure: NodeJS.ErrnoException | undefined;

/** The terminal of this process. */
export const processTerminal: Terminal = {
  stdout: process.stdout,
  stderr: process.stderr,
  openInput: () => process.stdin,
  takeProtocolPipes: () => takeProtocolPipes(process),
  env: process.env,
  cwd: process.cwd(),
  onSignal(listener) {
    process.on("SIGINT", listener).on("SIGTERM", listener);
    return () => void process.off("SIGINT", listener).off("SIGTERM", listener);
  },
  onIdleSignal: (listener) => listenToIdleSignals(listener, () => []),
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
  question: process.stdin.isTTY && process.stderr.isTTY ? readAnswer : undefined,
  outputFailure: () => outputFailure,
  exit: (code) => process.exit(code),
};

/** The terminal of this process, which has held signals since it began. */
export function terminalHolding(takeHeldSignals: TakeHeldSignals): Terminal {
  return { ...processTerminal, onIdleSignal: (listener) => listenToIdleSignals(listener, takeHeldSignals) };
}

/** The line discipline of the terminal stays as it is, so that Ctrl-C is a signal. An end of the input is an empty answer. */
async function readAnswer(text: string, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import("node:readline");
  const lines = createInterface({ input: process.stdin, terminal: false });
  process.stderr.write(text);
  try {
    return await new Promise((resolve, reject) => {
      lines.once("line", resolve);
      lines.once("close", () => resolve(""));
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  } finally {
    lines.close();
    process.stdin.unref();
  }
}

function listenToIdleSignals(listener: IdleSignalListener, takeHeldSignals: TakeHeldSignals): void {
  const wasInTerminal = process.stdin.isTTY;
  const handle = (signal: NodeJS.Signals) => listener(signal, signal === "SIGHUP" && wasInTerminal && !hasTerminal());
  for (const name of idleSignals) process.on(name, handle);
  for (const signal of takeHeldSignals()) handle(signal);
}

/** Keeps this process running when the reader of stdout or stderr has ended, or when the disk behind them is full. */
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
