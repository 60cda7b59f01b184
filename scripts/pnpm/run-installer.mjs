import { runChild } from "../run-child.mjs";
import { registryOf } from "./registry.mjs";

/** @typedef {import("../run-child.mjs").Ended} Ended */

/** An installer that prints nothing for so long waits for its registry, which may be down. */
const quietMs = 4_000;
const againMs = 60_000;

/**
 * Runs a package manager to its end. While it prints nothing, says for how long, and which registry it may be waiting for.
 * @param {import("./registry.mjs").PackageManager} manager @param {readonly string[]} command
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<Ended & { stdout: string, output: string }>} `output`: stdout and stderr.
 */
export async function runInstaller(manager, command, { cwd, env }) {
  let [stdout, output] = ["", ""];
  const silence = watchSilence(
    async (since) =>
      `Still installing. No output since ${since}; it may be waiting for the registry ${await registryOf(manager, cwd)} ...\n`,
  );
  try {
    const ended = await runChild(manager.file, [...manager.args, ...command], {
      cwd,
      // With a group of its own, a stop reaches what its install scripts started, too.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      ...(env === undefined ? {} : { env }),
      onOutput: (text, stream) => {
        if (stream === "stdout") stdout += text;
        output += text;
        // A warning that the registry does not answer is no progress.
        if (!/\bWARN\b/.test(text)) silence.heard();
      },
    });
    return { ...ended, stdout, output };
  } finally {
    silence.end();
  }
}

/** @param {(since: string) => Promise<string>} lineFor */
function watchSilence(lineFor) {
  let sinceMs = Date.now();
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @param {number} ms */
  const wait = (ms) => {
    timer = setTimeout(async () => {
      wait(againMs);
      const [awaited, spokenAtMs] = [timer, sinceMs];
      const line = await lineFor(new Date(spokenAtMs).toTimeString().slice(0, 8));
      if (awaited === timer) process.stderr.write(line);
    }, ms);
  };
  const end = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  wait(quietMs);
  return {
    heard: () => {
      end();
      sinceMs = Date.now();
      wait(quietMs);
    },
    end,
  };
}
