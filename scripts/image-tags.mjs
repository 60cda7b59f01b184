// The tags of the image of a version, as outputs for a workflow:
//
//   node scripts/image-tags.mjs ghcr.io/acme/program
//
// A prerelease has only the tag of its version: `latest` and `1` never lead to one.
import { readFileSync } from "node:fs";

/**
 * The tag of the version itself comes first.
 * @param {string} image
 * @param {string} version
 * @returns {readonly string[]}
 */
export function imageTags(image, version) {
  const match = /^(\d+)\.(\d+)\.\d+(-[0-9a-z.-]+)?$/.exec(version);
  if (match === null) throw new Error(`"${version}" is no version`);
  const [, major = "", minor, prerelease] = match;
  const names = prerelease === undefined ? [version, `${major}.${minor}`, major, "latest"] : [version];
  return names.map((name) => `${image}:${name}`);
}

if (import.meta.main) {
  const [image = ""] = process.argv.slice(2);
  const { version } = JSON.parse(readFileSync(new URL("../apps/runner/package.json", import.meta.url), "utf8"));
  const tags = imageTags(image, version);
  process.stdout.write(`version-tag=${tags[0]}\ntags=${tags.join(",")}\n`);
}
