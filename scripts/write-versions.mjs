// Writes src/version.ts of every package that has one, from its package.json. Code that is bundled has no package.json beside it any more,
// so the version stands in the code. The chart gets the version of the program as `appVersion`: the tag of the image that it starts.
// `npm run version`, which releases run, calls this after the versions are raised.
//
//   node scripts/write-versions.mjs
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const chart = "deploy/helm/statewave-connectors/Chart.yaml";
const here = fileURLToPath(new URL("../", import.meta.url));

/**
 * Each file with a version as it should be, as text, by its path.
 * @param {string} [root]
 * @returns {ReadonlyMap<string, string>}
 */
export function versionFiles(root = here) {
  const paths = globSync("{packages,apps}/*/src/version.ts", { cwd: root }).toSorted();
  const files = paths.map((path) => /** @type {const} */ ([join(root, path), versionFile(manifestOf(root, path))]));
  return new Map([...files, [join(root, chart), chartFile(root)]]);
}

/** @param {string} root @param {string} path */
const manifestOf = (root, path) => join(root, dirname(dirname(path)), "package.json");

/** @param {string} root */
function chartFile(root) {
  const line = /^appVersion: .*$/m;
  const text = readFileSync(join(root, chart), "utf8");
  if (!line.test(text)) throw new Error(`${chart} names no appVersion`);
  return text.replace(line, `appVersion: ${JSON.stringify(versionIn(join(root, "apps/runner/package.json")))}`);
}

/** @param {string} manifestPath */
function versionFile(manifestPath) {
  const version = versionIn(manifestPath);
  return `/** This package's version; written by scripts/write-versions.mjs. */\nexport const version = ${JSON.stringify(version)};\n`;
}

/** @param {string} manifestPath @returns {string} */
function versionIn(manifestPath) {
  return JSON.parse(readFileSync(manifestPath, "utf8")).version;
}

if (import.meta.main) {
  for (const [path, text] of versionFiles()) writeFileSync(path, text);
}
