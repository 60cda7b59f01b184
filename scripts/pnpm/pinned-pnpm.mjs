// The pnpm of this repository, byte for byte: what hashes.json lists is unpacked only when its hash is right. Nothing here needs an
// installed package. Hashes of a new version: npm view @pnpm/exe.linux-x64@<version> dist.integrity
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { npm, registryOf, withoutCredentials } from "./registry.mjs";
import { runInstaller } from "./run-installer.mjs";

/** @typedef {import("./registry.mjs").PackageManager} PackageManager */

/** @type {{ version: string, programs: Readonly<Record<string, string>> }} */
const pinned = JSON.parse(readFileSync(new URL("hashes.json", import.meta.url), "utf8"));

export const pnpmVersion = pinned.version;

/**
 * Brings it into `node_modules` unless it is there. For a machine that hashes.json does not list, `npx` chooses the program.
 * @param {string} root
 * @returns {Promise<PackageManager | NodeJS.Signals>} The signal that stopped us meanwhile.
 * @throws In a line or two, when it does not come or is not what was pinned.
 */
export async function providePnpm(root) {
  const machine = `${process.platform}-${process.arch}${isMusl() ? "-musl" : ""}`;
  const hash = pinned.programs[machine];
  if (hash === undefined) return { file: "npx", args: ["--yes", `pnpm@${pnpmVersion}`] };
  const program = join(root, `node_modules/.cache/pnpm-${pnpmVersion}/pnpm`);
  const name = `@pnpm/exe.${machine}@${pnpmVersion}`;
  const stoppedBy = existsSync(program) ? undefined : await unpack({ root, name, hash }, dirname(program));
  return stoppedBy ?? { file: program, args: [] };
}

/**
 * @param {{ root: string, name: string, hash: string }} wanted @param {string} folder
 * @returns {Promise<NodeJS.Signals | undefined>} What stopped us.
 */
async function unpack({ root, name, hash }, folder) {
  // Prepared beside it, so that an interrupted download is never taken for the program.
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    const command = ["pack", name, "--loglevel=error", "--pack-destination", draft];
    const { code, stoppedBy, stdout, output } = await runInstaller(npm, command, { cwd: root });
    if (stoppedBy !== undefined) return stoppedBy;
    if (code !== 0) {
      const reason = reasonIn(output) || `npm pack ended with ${code}`;
      throw new Error(`could not download pnpm from the registry ${await registryOf(npm, root)}: ${reason}`);
    }
    const archive = join(draft, stdout.trim());
    const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
    if (found !== hash) throw new Error(`${name} is not what scripts/pnpm/hashes.json pins: its hash is ${found}`);
    extract(archive, draft);
    rmSync(archive);
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
    return undefined;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** The line of npm that names an address and what is wrong with it; without one, its first two. @param {string} output */
function reasonIn(output) {
  const lines = output.split("\n").map((line) => line.replace("npm error ", "").trim());
  const telling = lines.find((line) => line.includes("://")) ?? lines.slice(0, 2).join(", ");
  return withoutCredentials(telling);
}

/** @param {string} archive @param {string} folder */
function extract(archive, folder) {
  const { status, error, stderr } = spawnSync("tar", ["-xzf", archive, "-C", folder, "--strip-components=1"], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`could not unpack pnpm: ${error?.message ?? stderr.trim().split("\n", 1)[0]}`);
}

function isMusl() {
  if (process.platform !== "linux") return false;
  const report = /** @type {{ header: object }} */ (process.report.getReport());
  return !("glibcVersionRuntime" in report.header);
}
