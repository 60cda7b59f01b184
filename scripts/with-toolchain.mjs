// Runs a command with this repository's own tools first on PATH: Node 24, tsc, vitest, turbo, ...
//
//   node scripts/with-toolchain.mjs <command> [args...]
//
// Installs the dependencies first when node_modules is out of step with the lockfile. Runs on any Node >= 20 with npm
// beside it and imports nothing that must be installed, so that a fresh clone can start here.
//
// The npm scripts `exec` it, because npm sends SIGTERM to the shell it started, and a shell that waits for us would
// die of it alone.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installDependencies } from "./pnpm/install.mjs";
import { runChild } from "./run-child.mjs";

/** @typedef {import("./run-child.mjs").Ended} Ended */

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampPath = join(root, "node_modules", ".with-toolchain");

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
  try {
    endLike(await runChild(name, args, { stdio: "inherit", env }));
  } catch (error) {
    process.stderr.write(`Could not start ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(127);
  }
}

/** @returns {Promise<Ended>} */
async function installIfNeeded() {
  const wanted = dependencyStamp();
  if (existsSync(stampPath) && readFileSync(stampPath, "utf8") === wanted) return { code: 0, signal: null };
  const ended = await installDependencies(root);
  if (succeeded(ended)) writeFileSync(stampPath, wanted);
  return ended;
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
 * Ends this process the way the child ended.
 * @param {Ended} ended
 */
function endLike({ code, signal }) {
  if (signal === null) process.exit(code ?? 1);
  process.kill(process.pid, signal);
}
