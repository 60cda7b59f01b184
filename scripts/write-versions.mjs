// Writes src/version.ts of every package that has one, from its package.json. Code that is bundled has no package.json beside it any more,
// so the version stands in the code. `npm run version`, which releases run, calls this after the versions are raised.
//
//   node scripts/write-versions.mjs
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("../", import.meta.url));

/**
 * Each version file as it should be, as text, by its path.
 * @param {string} [root]
 * @returns {ReadonlyMap<string, string>}
 */
export function versionFiles(root = here) {
  const paths = globSync("{packages,apps}/*/src/version.ts", { cwd: root }).toSorted();
  return new Map(paths.map((path) => [join(root, path), versionFile(join(root, dirname(dirname(path)), "package.json"))]));
}

/** @param {string} manifestPath */
function versionFile(manifestPath) {
  const { version } = JSON.parse(readFileSync(manifestPath, "utf8"));
  return `/** This package's version; written by scripts/write-versions.mjs. */\nexport const version = ${JSON.stringify(version)};\n`;
}

if (import.meta.main) {
  for (const [path, text] of versionFiles()) writeFileSync(path, text);
}
