// Writes the changeset of packages that have no release yet: their first version is 1.0.0. `npm run version` calls this before the versions are
// raised, so a new package needs no more than its own changeset.
//
//   node scripts/write-first-releases.mjs
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("../", import.meta.url));
const unreleased = "0.0.0";

/**
 * The changeset; undefined when every public package has a release.
 * @param {string} [root]
 */
export function firstReleases(root = here) {
  const manifests = globSync("{packages,apps}/*/package.json", { cwd: root }).map((path) =>
    JSON.parse(readFileSync(join(root, path), "utf8")),
  );
  const names = manifests
    .filter(({ version, private: isPrivate }) => version === unreleased && isPrivate !== true)
    .map(({ name }) => String(name))
    .toSorted();
  if (names.length === 0) return undefined;
  return `---\n${names.map((name) => `${JSON.stringify(name)}: major\n`).join("")}---\n\nFirst release.\n`;
}

if (import.meta.main) {
  const path = join(here, ".changeset/first-releases.md");
  const text = firstReleases();
  if (text === undefined) rmSync(path, { force: true });
  else writeFileSync(path, text);
}
