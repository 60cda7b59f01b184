// Before the first test that starts the program: the packages' JavaScript is made of their source. Node.js starts it in less than half the
// processor time that the source takes, and it is what users run.
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { bundlePackage } from "../bundle-package.mjs";

/** @param {import("vitest/node").TestProject} project */
export async function setup(project) {
  const { root } = project.config;
  const { filenamePattern } = /** @type {{ filenamePattern?: string[] }} */ (/** @type {unknown} */ (project.vitest));
  const { testFiles } = await project.globTestFiles(filenamePattern);
  if (!testFiles.some((file) => relative(root, file).startsWith("apps/"))) return;
  for (const manifest of globSync("{packages,apps}/*/package.json", { cwd: root })) {
    const { scripts } = JSON.parse(readFileSync(join(root, manifest), "utf8"));
    if (scripts?.build?.includes("bundle-dist.mjs") !== true) continue;
    await bundlePackage(join(root, dirname(manifest)), { sharesOneFile: scripts.build.includes("--one-shared-file") });
  }
}
