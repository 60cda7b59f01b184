import type { ProtocolPipes } from "./protocol-pipes.ts";

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

export type IdleSignalListener = (signal: NodeJS.Signals, isTerminalGone: boolean) => void;
