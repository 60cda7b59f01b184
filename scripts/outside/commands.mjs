// Commands and files of a folder outside this repository.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

/** @param {string} cwd @param {string[]} args */
export function npm(cwd, ...args) {
  return run(cwd, "npm", ...args, "--no-audit", "--no-fund", "--loglevel=error");
}

/** Runs a command to its end and returns what it printed; throws with all of it when the command fails. @param {string} cwd @param {string} command @param {string[]} args */
export function run(cwd, command, ...args) {
  const { code, stdout, stderr } = attempt(cwd, command, ...args);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")} ended with ${code} in ${cwd}\n${stdout}${stderr}`);
}

/** The same, also for a command that fails. @param {string} cwd @param {string} command @param {string[]} args */
export function attempt(cwd, command, ...args) {
  try {
    const stdout = execFileSync(command, args, { cwd, encoding: "utf8", stdio: "pipe", timeout: 600_000 });
    return { code: 0, stdout, stderr: "" };
  } catch (error) {
    const {
      status = null,
      stdout = "",
      stderr = String(error),
    } = /** @type {{ status?: number | null, stdout?: string, stderr?: string }} */ (error);
    return { code: status, stdout, stderr };
  }
}

/** @param {string} path @param {unknown} value */
export function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
