import { closeSync, openSync } from "node:fs";
import { idleSignals, type TakeHeldSignals } from "../hold-signals.ts";
import { takeProtocolPipes } from "../terminal/protocol-pipes.ts";
import type { IdleSignalListener, Terminal } from "../terminal/terminal.ts";
import { chainToPackageManager, isBroken, procTable } from "./launcher.ts";

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
