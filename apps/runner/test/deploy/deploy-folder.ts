import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe } from "vitest";

export const repository = fileURLToPath(new URL("../../../../", import.meta.url));
export const deployFolder = join(repository, "deploy");

export function readDeployed(path: string): string {
  return readFileSync(join(deployFolder, path), "utf8");
}

/** The default of `[runner] drain_timeout`, as docs/reference/config.md states it. */
export function defaultDrainSeconds(): number {
  const page = readFileSync(join(repository, "docs/reference/config.md"), "utf8");
  const seconds = /\| `drain_timeout` +\|[^|]*\| `"(\d+)s"`/.exec(page)?.[1];
  if (seconds === undefined) throw new Error("docs/reference/config.md names no default of drain_timeout in seconds");
  return Number(seconds);
}

/** Registers tests that need a program on PATH; without it they are skipped, and with `npm run test:deploy` that is an error. */
export function describeWithProgram(program: string, title: string, tests: () => void): void {
  const found = spawnSync(program, ["--help"], { stdio: "ignore" }).error === undefined;
  if (!found && process.env["DEPLOY_PROGRAMS"] === "required")
    throw new Error(`${program} is not on PATH: "${title}" cannot be tested`);
  if (!found) process.stderr.write(`\nSKIPPING TESTS: no ${program} on PATH\n`);
  // eslint-disable-next-line vitest/valid-title -- the caller names it
  describe.skipIf(!found)(title, () => {
    tests();
  });
}

/** What a program printed, with its exit code. */
export function runProgram(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, ...env } });
  return { status, output: `${stdout}${stderr}` };
}
