// Which registry a package manager uses: the host alone, because its address may hold a password.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/**
 * A package manager and its arguments before a command.
 * @typedef {{ file: string, args: readonly string[] }} PackageManager
 */

/** @type {PackageManager} */
export const npm = { file: "npm", args: [] };

const unknown = "of your npm configuration";

/**
 * @param {PackageManager} manager @param {string} cwd
 * @returns {Promise<string>} Its name, or that the configuration names it: never an error.
 */
export async function registryOf({ file, args }, cwd) {
  // `npm config get registry` refuses an address that holds a password; npx would download pnpm to ask it.
  const asked = file === "npm" || file === "npx" ? ["npm", "config", "list", "-l"] : [file, ...args, "config", "get", "registry"];
  const [command = "", ...rest] = asked;
  try {
    const { stdout } = await promisify(execFile)(command, rest, { cwd, encoding: "utf8" });
    const addresses = stdout.split("\n").flatMap((line) => hostIn(line) ?? []);
    return addresses.find(({ isScoped }) => isScoped)?.host ?? addresses[0]?.host ?? unknown;
  } catch {
    return unknown;
  }
}

/** The host in a line of `npm config list` or the whole answer of pnpm. @param {string} line */
function hostIn(line) {
  const [, key, value] = /^(?:((?:@pnpm:)?registry) = )?"?(https?:[^"\s]+)"?$/.exec(line.trim()) ?? [];
  return value !== undefined && URL.canParse(value)
    ? { host: new URL(value).host, isScoped: key === "@pnpm:registry" }
    : undefined;
}

/** @param {string} text @returns {string} Without the user and the password of any address in it. */
export function withoutCredentials(text) {
  return text.replaceAll(/\/\/[^\s/@]*@/g, "//***@");
}
