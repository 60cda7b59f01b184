import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { TestContext } from "vitest";

const repository = fileURLToPath(new URL("../../../../../", import.meta.url));

const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: repository, stdio: ["ignore", "pipe", "ignore"] });

/**
 * The program of an earlier commit, with its packages in a folder of their own and the dependencies of this one. Where the history does not reach
 * back so far, the test is skipped; with CI=true that is an error.
 */
export function checkOutProgram(test: TestContext, commit: string): URL {
  try {
    git("cat-file", "-e", `${commit}^{commit}`);
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    test.skip(`the history of this clone does not have the commit ${commit}`);
  }
  const folder = mkdtempSync(join(tmpdir(), "connectors-old-version-"));
  test.onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  git("archive", "--output", join(folder, "old.tar"), commit, "apps", "packages", "package.json");
  execFileSync("tar", ["-xf", "old.tar"], { cwd: folder });
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  for (const group of ["apps", "packages"]) {
    for (const name of readdirSync(join(folder, group)))
      linkDependencies(join(repository, group, name), join(folder, group, name));
  }
  return pathToFileURL(join(folder, "apps/runner/src/main.ts"));
}

/** The links lead to the packages of the old version, and to the installed dependencies. */
function linkDependencies(from: string, to: string): void {
  const [source, target] = [join(from, "node_modules"), join(to, "node_modules")];
  const skipped = new Set([".bin", ".vite", ".cache"]);
  if (existsSync(source))
    cpSync(source, target, { recursive: true, verbatimSymlinks: true, filter: (path) => !skipped.has(basename(path)) });
  const manifest = JSON.parse(readFileSync(join(to, "package.json"), "utf8")) as { readonly dependencies?: object };
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (existsSync(join(target, name))) continue;
    // One that this version no longer has itself may be there for another package.
    mkdirSync(dirname(join(target, name)), { recursive: true });
    symlinkSync(join(repository, "node_modules/.pnpm/node_modules", name), join(target, name));
  }
}
