// Writes the dependencies of apps/runner, which brings every public adapter of this repository: packages/connector-*, cursor-store-*, inbox-*.
// Drivers that an adapter needs beside it (its peers) come along; optional peers, such as those of its fakes, do not.
//
//   node scripts/sync-app-adapters.mjs
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {boolean} [private]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, { optional?: boolean }>} [peerDependenciesMeta]
 */

const here = fileURLToPath(new URL("../", import.meta.url));
const scope = "@statewave-connectors/";
const adapterPattern = /^@statewave-connectors\/(connector|cursor-store|inbox)-/;

/** @param {string} path @returns {Manifest} */
const readManifest = (path) => JSON.parse(readFileSync(path, "utf8"));

/**
 * Every public adapter's manifest, by name.
 * @param {string} [root]
 * @returns {readonly Manifest[]}
 */
export function publicAdapters(root = here) {
  return globSync("packages/{connector,cursor-store,inbox}-*/package.json", { cwd: root })
    .toSorted()
    .map((path) => readManifest(join(root, path)))
    .filter((manifest) => manifest.private !== true);
}

/**
 * The app's manifest as it should be, as text: adapters that are gone are left out, what is no adapter stays.
 * @param {string} [root]
 */
export function appManifest(root = here) {
  const path = join(root, "apps/runner/package.json");
  const manifest = readManifest(path);
  const adapters = publicAdapters(root);
  const others = Object.entries(manifest.dependencies ?? {}).filter(([name]) => !adapterPattern.test(name));
  const drivers = adapters.flatMap(({ peerDependencies = {}, peerDependenciesMeta = {} }) =>
    Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true),
  );
  const wanted = [
    ...others,
    ...adapters.map(({ name }) => [name, "workspace:^"]),
    ...drivers.filter((name) => !name.startsWith(scope)).map((name) => [name, "catalog:"]),
  ];
  const dependencies = Object.fromEntries(wanted.toSorted(([left = ""], [right = ""]) => (left < right ? -1 : 1)));
  return `${JSON.stringify({ ...manifest, dependencies }, null, 2)}\n`;
}

/** @param {string} [root] */
export function syncAppAdapters(root = here) {
  writeFileSync(join(root, "apps/runner/package.json"), appManifest(root));
}

if (import.meta.main) syncAppAdapters();
