// Programs for the tests from PyPI: each in a virtual environment of its own, in a cache of this repository.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const cache = fileURLToPath(new URL("../../node_modules/.cache/python-programs/", import.meta.url));

/**
 * Puts `program` on PATH, from this version of this package where it is not installed.
 * @param {string} program @param {string} requirement @returns {string | undefined} Why it is unavailable, in one line.
 */
export function providePythonProgram(program, requirement) {
  if (spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined) return undefined;
  const folder = join(cache, requirement);
  const problem = existsSync(join(folder, "bin", program)) ? undefined : install(folder, requirement);
  if (problem !== undefined) return `no ${program} on PATH, and ${problem}`;
  process.env["PATH"] = [process.env["PATH"] ?? "", join(folder, "bin")].join(delimiter);
  return undefined;
}

/** @param {string} folder @param {string} requirement */
function install(folder, requirement) {
  const steps = [
    ["python3", "-m", "venv", folder],
    [join(folder, "bin/pip"), "install", "--quiet", "--disable-pip-version-check", requirement],
  ];
  for (const [command = "", ...args] of steps) {
    const { error, status, stderr } = spawnSync(command, args, { encoding: "utf8" });
    if (error === undefined && status === 0) continue;
    rmSync(folder, { recursive: true, force: true });
    return `${command} cannot install ${requirement}: ${error?.message ?? stderr.trim().split("\n").at(-1)}`;
  }
  return undefined;
}
