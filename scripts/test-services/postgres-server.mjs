// A Postgres server as a child process: its data, its flags, its start and its end.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */

export const password = "password";
/** Lines of the server's output in the error when it fails. */
const shownLines = 3;

/** Where such a server listens. @param {number} port */
export function urlOf(port) {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}

/** @param {string} data @param {number} port @param {readonly string[]} [more] Settings, `name=value`. */
export function serverFlags(data, port, more = []) {
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300", ...more];
  return ["-D", data, "-p", `${port}`, ...settings.flatMap((setting) => ["-c", setting])];
}

/** @param {string} initdb @param {string} data @param {import("node:child_process").SpawnOptions & { cwd: string }} options */
export async function makeData(initdb, data, options) {
  const passwordFile = join(options.cwd, "password");
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (options.uid !== undefined && options.gid !== undefined) chownSync(passwordFile, options.uid, options.gid);
  const access = [`--pgdata=${data}`, "--username=postgres", `--pwfile=${passwordFile}`, "--auth=password"];
  // A language's own sorting order, as operators have it: nothing may rely on the order of code points by accident.
  const locale = ["--encoding=UTF8", "--locale-provider=icu", "--icu-locale=en", "--locale=C.UTF-8"];
  const child = spawn(initdb, ["--no-sync", ...access, ...locale], options);
  const said = linesOf(child);
  const [code, signal] = await once(child, "close");
  if (code !== 0) throw new Error(`initdb ended with ${code ?? signal}: ${said.slice(-shownLines).join(" ")}`);
}

/** @param {string} postgres @param {readonly string[]} flags @param {import("node:child_process").SpawnOptions} options */
export async function startServer(postgres, flags, options) {
  const child = spawn(postgres, flags, options);
  await new Promise((resolve, reject) => {
    const said = linesOf(child, (line) => {
      if (/database system is ready to accept (read-only )?connections/.test(line)) resolve(undefined);
    });
    child.once("error", reject);
    child.once("close", (code, signal) =>
      reject(new Error(`postgres ended with ${code ?? signal}: ${said.slice(-shownLines).join(" ")}`)),
    );
  });
  return child;
}

/** The latest lines of both outputs of a child. @param {ChildProcess} child @param {(line: string) => void} [onLine] */
function linesOf(child, onLine) {
  /** @type {string[]} */
  const lines = [];
  for (const output of [child.stdout, child.stderr]) {
    if (output === null) continue;
    createInterface({ input: output }).on("line", (line) => {
      lines.push(line);
      onLine?.(line);
      if (lines.length > 100) lines.shift();
    });
  }
  return lines;
}

/** @param {ChildProcess} child @param {NodeJS.Signals} signal */
export async function endWith(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}
