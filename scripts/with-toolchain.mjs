// Runs a command with this repository's own tools first on PATH: Node 24, tsc, vitest, turbo, ...
//
//   node scripts/with-toolchain.mjs <command> [args...]
//
// Installs the dependencies first when node_modules is out of step with the lockfile. Runs on any Node >= 20 with npm
// beside it and imports nothing that must be installed, so that a fresh clone can start here.
//
// The npm scripts `exec` it, because npm sends SIGTERM to the shell it started, and a shell that waits for us would
// die of it alone.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pnpmVersion, providePnpm } from "./pnpm/pinned-pnpm.mjs";

/** @typedef {{ code: number | null, signal: NodeJS.Signals | null }} Ended How a child ended: one of the two is null. */

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampPath = join(root, "node_modules", ".with-toolchain");
/** One Ctrl-C or one stop request can reach us twice (terminal and npm, or a process group); it counts once. */
const sameSignalMs = 500;
/** So much of an installer's output is shown when it fails. */
const reasonLines = 12;

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  process.stderr.write("usage: node scripts/with-toolchain.mjs <command> [args...]\n");
  process.exitCode = 2;
} else {
  const installed = await installIfNeeded();
  if (!succeeded(installed)) endLike(installed);
  else await runCommand(command);
}

/** @param {string} name */
async function runCommand(name) {
  const env = {
    ...process.env,
    PATH: [join(root, "node_modules", ".bin"), process.env["PATH"]].join(delimiter),
    TURBO_TELEMETRY_DISABLED: "1",
  };
  endLike(await run(name, args, { stdio: "inherit", env }));
}

/** @returns {Promise<Ended>} */
async function installIfNeeded() {
  const wanted = dependencyStamp();
  if (existsSync(stampPath) && readFileSync(stampPath, "utf8") === wanted) return { code: 0, signal: null };

  const packageManager = `pnpm@${pnpmVersion}`;
  process.stderr.write(`Installing dependencies with ${packageManager}; the first time takes a minute or two ...
`);
  let pnpm;
  try {
    pnpm = providePnpm(root);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}
`);
    return { code: 1, signal: null };
  }
  // pnpm asks no questions in CI, and leaves the tools out when NODE_ENV says "production".
  const env = { ...process.env, CI: "true", NODE_ENV: "development" };
  /** @type {string[]} */
  const output = [];
  // Pages of progress and of engine warnings, which concern no tool that runs here, hide what the command then prints.
  const ended = await run(pnpm.file, [...pnpm.args, "install", "--frozen-lockfile"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env,
    onOutput: (text) => output.push(text),
  });
  if (succeeded(ended)) {
    writeFileSync(stampPath, wanted);
  } else if (ended.signal === null) {
    process.stderr.write(
      `The dependencies could not be installed:\n${whatFailed(output.join(""))}\n` +
        `After a change to a package.json, bring the lockfile up to date with\n  npx --yes ${packageManager} install\n`,
    );
  }
  return ended;
}

/**
 * The lines of an installer's output that say what is wrong; without any, the last ones.
 * @param {string} output
 */
function whatFailed(output) {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== "");
  const first = lines.findIndex((line) => /\berr(or)?\b|ERR_|\bE[A-Z]{4,}\b/i.test(line) && !/\bWARN\b/.test(line));
  const telling = first === -1 ? lines.slice(-reasonLines) : lines.slice(first, first + reasonLines);
  return telling.map((line) => `  ${line.trimEnd()}`).join("\n");
}

/** @param {Ended} ended */
function succeeded({ code, signal }) {
  return code === 0 && signal === null;
}

/** Changes whenever an install could have something to do. */
function dependencyStamp() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests()]) {
    hash
      .update(`${file}\n`)
      .update(readFileSync(join(root, file)))
      .update("\n");
  }
  return `${hash.digest("hex")}\n`;
}

/** The package.json of the root, of every folder in it, and of every folder in those: the workspace goes no deeper. */
function manifests() {
  const folders = [".", ...foldersIn(".")];
  const nested = folders.slice(1).flatMap((folder) => foldersIn(folder));
  return [...folders, ...nested].map((folder) => join(folder, "package.json")).filter((file) => existsSync(join(root, file)));
}

/** @param {string} folder */
function foldersIn(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules")
    .map((entry) => join(folder, entry.name))
    .toSorted();
}

/**
 * Runs a child to its end, passing on the signals that ask us to stop.
 * @param {string} file
 * @param {string[]} fileArgs
 * @param {import("node:child_process").SpawnOptions & { onOutput?: (text: string) => void }} options
 * @returns {Promise<Ended>}
 */
function run(file, fileArgs, { onOutput, ...options }) {
  const child = spawn(file, fileArgs, options);
  if (onOutput !== undefined) for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", onOutput);
  // A terminal sends Ctrl-C to the child as well, which shares our process group; passed on, it would count twice.
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  let last = { signal: "", atMs: 0 };
  /** @param {NodeJS.Signals} signal */
  const passOn = (signal) => {
    if (signal === "SIGINT" && onTerminal) return;
    const repeated = signal === last.signal && performance.now() - last.atMs < sameSignalMs;
    if (repeated) return;
    last = { signal, atMs: performance.now() };
    child.kill(signal);
  };
  /** @type {NodeJS.Signals[]} */
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, passOn);
  const stopListening = () => {
    for (const signal of signals) process.off(signal, passOn);
  };

  return new Promise((resolve) => {
    child.once("error", (error) => {
      stopListening();
      process.stderr.write(`Could not start ${file}: ${error.message}\n`);
      resolve({ code: 127, signal: null });
    });
    // "close" and not "exit": by then everything it printed has arrived.
    child.once("close", (code, signal) => {
      stopListening();
      resolve({ code, signal });
    });
  });
}

/**
 * Ends this process the way the child ended.
 * @param {Ended} ended
 */
function endLike({ code, signal }) {
  if (signal === null) process.exit(code ?? 1);
  process.kill(process.pid, signal);
}
