import { providePnpm, pnpmVersion } from "./pinned-pnpm.mjs";
import { registryOf, withoutCredentials } from "./registry.mjs";
import { runInstaller } from "./run-installer.mjs";

/** @typedef {import("../run-child.mjs").Ended} Ended */

/** So much of an installer's output is shown when it fails. */
const reasonLines = 12;

/**
 * Installs what the lockfile names; says in a few lines what it waits for and what is wrong.
 * @param {string} root @returns {Promise<Ended>}
 */
export async function installDependencies(root) {
  const packageManager = `pnpm@${pnpmVersion}`;
  process.stderr.write(`Installing dependencies with ${packageManager}; the first time takes a minute or two ...\n`);
  try {
    const pnpm = await providePnpm(root);
    if (typeof pnpm === "string") return { code: null, signal: pnpm };
    // pnpm does not prompt in CI, and leaves the tools out when NODE_ENV says "production".
    const env = { ...process.env, CI: "true", NODE_ENV: "development" };
    const { code, signal, stoppedBy, output } = await runInstaller(pnpm, ["install", "--frozen-lockfile"], { cwd: root, env });
    if (stoppedBy !== undefined) return { code: null, signal: stoppedBy };
    if (code !== 0) {
      process.stderr.write(
        `The dependencies could not be installed from the registry ${await registryOf(pnpm, root)}:\n${whatFailed(output)}\n` +
          `After a change to a package.json, bring the lockfile up to date with\n  npx --yes ${packageManager} install\n`,
      );
    }
    return { code, signal };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return { code: 1, signal: null };
  }
}

/**
 * The lines of an installer's output that say what is wrong; without any, the last ones.
 * @param {string} output
 */
function whatFailed(output) {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== "");
  const first = lines.findIndex((line) => /\berr(or)?\b|ERR_|\bE[A-Z]{4,}\b/i.test(line) && !/\bWARN\b/.test(line));
  const telling = first === -1 ? lines.slice(-reasonLines) : lines.slice(first, first + reasonLines);
  return telling.map((line) => `  ${withoutCredentials(line.trimEnd())}`).join("\n");
}
