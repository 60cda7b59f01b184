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
  const skips = skipsWithout(found ? undefined : `${program} is not on PATH`);
  // eslint-disable-next-line vitest/valid-title -- the caller names it
  describe.skipIf(skips)(title, () => {
    tests();
  });
}

/** Whether tests are skipped because this machine lacks something; throws where all of them have to run. */
export function skipsWithout(missing: string | undefined, env: NodeJS.ProcessEnv = process.env): boolean {
  if (missing === undefined) return false;
  if (env["DEPLOY_PROGRAMS"] === "required") throw new Error(`tests of deploy/ cannot run: ${missing}`);
  process.stderr.write(`\nSKIPPING TESTS: ${missing}\n`);
  return true;
}

/** Why a test that needs views of the file system of its own cannot run here. */
export const notIsolated = "only root, and only some machines, can have views of the file system of their own";

/** What a program printed, with its exit code. */
export function runProgram(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, ...env } });
  return { status, output: `${stdout}${stderr}` };
}
