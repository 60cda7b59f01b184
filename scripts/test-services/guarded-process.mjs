// A server for the tests, started by a watching process, so that no server outlives the process that started the tests, not even if that
// one is killed: its end closes the pipe to the watching process, which then stops the server and removes its folder.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} RunningService
 * @property {string} url Where it listens: a free port of this machine.
 * @property {() => Promise<void>} crash Lets the server crash and starts it again on the same data and port.
 * @property {() => Promise<void>} stop Ends it and removes its data.
 */

/**
 * @typedef {object} Server What a watching process serves.
 * @property {string} url
 * @property {() => Promise<void>} crash
 * @property {() => Promise<void>} stop
 */

/**
 * Starts a watching process: a module that calls `serveUntilAlone`. Rejects with what it says when it cannot start its server.
 * @param {URL} module
 * @returns {Promise<RunningService>}
 */
export async function startGuarded(module) {
  // Detached: Ctrl-C reaches the process group of a terminal, and the process that stops the tests should stop the server last.
  const child = spawn(process.execPath, [fileURLToPath(module)], { stdio: ["pipe", "pipe", "inherit"], detached: true });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done === true) {
      const [code, signal] = await ended;
      throw new Error(`${basename(module.pathname)} ended with ${code ?? signal} before its server was up`);
    }
    const said = JSON.parse(value);
    if (typeof said.error === "string") throw new Error(said.error);
    return said;
  };
  /** @param {string} command */
  const ask = async (command) => {
    const stdout = /** @type {import("node:net").Socket} */ (/** @type {unknown} */ (child.stdout));
    stdout.ref();
    child.stdin.write(`${command}\n`);
    await answer();
    stdout.unref();
  };
  const { url } = await beforeDeadline(answer(), basename(module.pathname)).catch((error) => {
    child.stdin.end();
    child.stdout.destroy();
    child.unref();
    throw error;
  });
  // A server that is never stopped keeps no process running.
  const pipes = /** @type {readonly import("node:net").Socket[]} */ (/** @type {unknown} */ ([child.stdin, child.stdout]));
  for (const pipe of pipes) pipe.unref();
  child.unref();
  return {
    url,
    crash: () => ask("crash"),
    stop: async () => {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}

/** A first install may download the server. */
const startLimitMs = 300_000;

/**
 * Rejects when the server is not up in time, so that the tests end with a reason.
 * @template Answer
 * @param {Promise<Answer>} answer @param {string} name @returns {Promise<Answer>}
 */
async function beforeDeadline(answer, name) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${name} did not start its server within ${startLimitMs / 1_000} s`)),
      startLimitMs,
    );
  });
  try {
    return await /** @type {Promise<Answer>} */ (Promise.race([answer, deadline]));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The watching side: starts the server, reports where it is, obeys `crash`, and stops it once the pipe to the parent process closes.
 * @param {() => Promise<Server>} start
 */
export async function serveUntilAlone(start) {
  // The terminal's and the supervisor's wish to stop arrives through the pipe, when the asking process has ended.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);
  const commands = createInterface({ input: process.stdin });
  // Listening has to begin before the server is started, or an end in the meantime would go unnoticed.
  const ended = once(commands, "close");
  /** @type {Promise<Server>} */
  const starting = start();
  const answer = async (/** @type {(server: Server) => unknown} */ act) => {
    try {
      say((await act(await starting)) ?? {});
    } catch (error) {
      say({ error: error instanceof Error ? error.message : String(error) });
    }
  };
  commands.on("line", () => void answer((server) => server.crash()));
  await answer(({ url }) => ({ url }));
  await ended;
  await starting.then((server) => server.stop()).catch(() => undefined);
  process.exit(0);
}

/** @param {unknown} answer */
function say(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
