// Finds regular expressions that a hostile text makes slow: all that stand in packages/*/src and apps/*/src.
//
//   node scripts/check-regexps.mjs [root]
//
// What is put together at run time cannot be judged and must be listed in scripts/regexps/exceptions.json with a reason, as must what is
// judged to backtrack and has to stay. An exception that is no longer needed is an error, so that the list only shrinks.
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findRegExps } from "./regexps/find-regexps.mjs";
import { judgeAll } from "./regexps/judge-all.mjs";

/** @typedef {{ file: string, source: string, reason: string }} Exception */

const root = process.argv[2] ?? fileURLToPath(new URL("../", import.meta.url));
const files = globSync("{packages,apps}/*/src/**/*.{ts,mts,js,mjs}", { cwd: root }).toSorted();
const exceptions = readExceptions(join(root, "scripts/regexps/exceptions.json"));
const regExps = files.flatMap((file) => findRegExps(file, readFileSync(join(root, file), "utf8")));

const verdicts = await judgeAll(regExps);
/** @type {Set<Exception>} */
const used = new Set();
/** @type {string[]} */
const problems = [];
for (const found of regExps) {
  const problem = problemOf(found);
  if (problem === undefined) continue;
  const exception = exceptions.find(({ file, source }) => file === found.file && source === found.source);
  if (exception === undefined) problems.push(`${found.file}:${found.line}: ${found.source}\n  ${problem}`);
  else used.add(exception);
}
for (const { file, source } of exceptions.filter((exception) => !used.has(exception))) {
  problems.push(`scripts/regexps/exceptions.json: ${source} in ${file} needs no exception any more: remove it`);
}
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(`${regExps.length} regular expressions in ${files.length} files, ${problems.length} problems\n`);
process.exitCode = problems.length === 0 && files.length > 0 ? 0 : 1;

/** @param {import("./regexps/find-regexps.mjs").FoundRegExp} found @returns {string | undefined} */
function problemOf(found) {
  if (found.pattern === undefined) return "is put together at run time: list it in scripts/regexps/exceptions.json with a reason";
  return verdicts(found);
}

/** @param {string} path @returns {Exception[]} */
function readExceptions(path) {
  if (!existsSync(path)) return [];
  /** @type {Exception[]} */
  const read = JSON.parse(readFileSync(path, "utf8"));
  for (const { file, source, reason } of read) {
    if (!reason) throw new Error(`the exception for ${source} in ${file} gives no reason`);
  }
  return read;
}
