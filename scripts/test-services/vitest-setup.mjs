// Starts, before the first test, the servers that the selected test files need: those with the server's name in their path.
import { relative } from "node:path";
import { services, startServices } from "./services.mjs";

/**
 * @param {import("vitest/node").TestProject} project
 * @returns {Promise<() => Promise<void>>} Stops them after the last test.
 */
export async function setup(project) {
  const { filenamePattern } = /** @type {{ filenamePattern?: string[] }} */ (/** @type {unknown} */ (project.vitest));
  const { testFiles } = await project.globTestFiles(filenamePattern);
  const paths = testFiles.map((file) => relative(project.config.root, file));
  return startServices(services.filter(({ name }) => paths.some((path) => path.includes(name))));
}
