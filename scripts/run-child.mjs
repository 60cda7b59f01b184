// Runs a child to its end. Imports nothing that must be installed.
import { spawn } from "node:child_process";

/**
 * How a child ended: one of `code` and `signal` is null. `stoppedBy` is the signal that stopped this process meanwhile.
 * @typedef {{ code: number | null, signal: NodeJS.Signals | null, stoppedBy?: NodeJS.Signals }} Ended
 */

/** @typedef {(text: string, stream: "stdout" | "stderr") => void} OnOutput */

/** One Ctrl-C or one stop request can reach us twice (terminal and npm, or a process group); it counts once. */
const sameSignalMs = 500;
/** @type {readonly NodeJS.Signals[]} */
const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a child to its end, passing on the signals that ask us to stop: to everything it started, if it is `detached`.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions & { onOutput?: OnOutput }} options
 * @returns {Promise<Ended>} Rejects when the child cannot be started.
 */
export function runChild(file, args, { onOutput, ...options }) {
  const child = spawn(file, args, options);
  for (const stream of /** @type {const} */ (["stdout", "stderr"]))
    child[stream]?.setEncoding("utf8").on("data", (text) => onOutput?.(text, stream));
  const stops = passOnSignals(child, options.detached === true);
  return new Promise((resolve, reject) => {
    child.once("error", (error) => {
      stops.end();
      reject(error);
    });
    // "close" and not "exit": by then everything it printed has arrived.
    child.once("close", (code, signal) => {
      const stoppedBy = stops.end();
      resolve({ code, signal, ...(stoppedBy === undefined ? {} : { stoppedBy }) });
    });
  });
}

/**
 * @param {import("node:child_process").ChildProcess} child @param {boolean} isDetached
 * @returns {{ end: () => NodeJS.Signals | undefined }} `end` stops listening, and returns the last signal.
 */
function passOnSignals(child, isDetached) {
  // A terminal sends Ctrl-C to the child as well, if it shares our process group; passed on, it would count twice.
  const sharesTerminal = !isDetached && (process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
  /** @type {{ signal: NodeJS.Signals, atMs: number } | undefined} */
  let last;
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => {
    const isRepeated = signal === last?.signal && performance.now() - last.atMs < sameSignalMs;
    if (isRepeated) return;
    last = { signal, atMs: performance.now() };
    if (signal === "SIGINT" && sharesTerminal) return;
    if (isDetached) signalGroup(child.pid, signal);
    else child.kill(signal);
  };
  for (const signal of stopSignals) process.on(signal, onSignal);
  return {
    end: () => {
      for (const signal of stopSignals) process.off(signal, onSignal);
      return last?.signal;
    },
  };
}

/** @param {number | undefined} pid @param {NodeJS.Signals} signal */
function signalGroup(pid, signal) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Everything in it has ended.
  }
}
