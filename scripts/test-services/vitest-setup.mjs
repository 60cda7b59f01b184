// Provides, before the first test, the programs and servers that the selected test files need: those with a name of theirs in the path.
import { relative } from "node:path";
import { provideDebianProgram } from "./debian-program.mjs";
import { services, startServices } from "./services.mjs";

/**
 * Programs that tests start themselves, and the words in the paths of those tests.
 * @type {readonly { program: string, packageName?: string, words: readonly string[] }[]}
 */
const programs = [
  { program: "redis-server", words: ["redis", "several-processes"] },
  { program: "pgbouncer", words: ["pooler"] },
  { program: "dovecot", packageName: "dovecot-imapd", words: ["dovecot", "connector-imap"] },
];

/**
 * @param {import("vitest/node").TestProject} project
 * @returns {Promise<() => Promise<void>>} Stops the servers after the last test.
 */
export async function setup(project) {
  const { filenamePattern } = /** @type {{ filenamePattern?: string[] }} */ (/** @type {unknown} */ (project.vitest));
  const { testFiles } = await project.globTestFiles(filenamePattern);
  const paths = testFiles.map((file) => relative(project.config.root, file));
  const isNeeded = (/** @type {readonly string[]} */ words) => words.some((word) => paths.some((path) => path.includes(word)));
  for (const { program, packageName, words } of programs) {
    const problem = isNeeded(words) ? provideDebianProgram(program, packageName) : undefined;
    if (problem !== undefined) process.stderr.write(`\nSKIPPING TESTS: ${problem}\n`);
  }
  return startServices(services.filter(({ name }) => isNeeded([name])));
}
