// Programs for the tests that are Go modules: compiled into a cache of this repository, which takes minutes the first time.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const cache = fileURLToPath(new URL("../../node_modules/.cache/go-programs/", import.meta.url));
const timeout = 20 * 60_000;

/**
 * Puts `program` on PATH, from this version of this module where it is not installed.
 * @param {string} program @param {string} module @returns {string | undefined} Why it is unavailable, in one line.
 */
export function provideGoProgram(program, module) {
  if (spawnSync(program, ["version"], { stdio: "ignore" }).error === undefined) return undefined;
  const folder = join(cache, module.replaceAll("/", "_"));
  if (!existsSync(join(folder, program))) {
    const path = [process.env["PATH"] ?? "", "/usr/local/go/bin"].join(delimiter);
    const env = { ...process.env, GOBIN: folder, PATH: path };
    const { error, status, stderr } = spawnSync("go", ["install", module], { encoding: "utf8", env, timeout });
    if (error !== undefined || status !== 0)
      return `no ${program} on PATH, and go cannot install ${module}: ${error?.message ?? stderr.trim().split("\n").at(-1)}`;
  }
  process.env["PATH"] = [process.env["PATH"] ?? "", folder].join(delimiter);
  return undefined;
}
