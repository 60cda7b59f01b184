// A connector's package, made as a third party makes one: by `new-connector`, then with sources of its own.
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { catalogVersions } from "../write-connector-template.mjs";
import { run, writeJson } from "./commands.mjs";

const fixtures = fileURLToPath(new URL("../../apps/runner/test/fixtures/outside/", import.meta.url));

/**
 * Makes `statewave-connector-<kind>` in the app's folder, with the unpublished packages from their tarballs.
 *
 * @param {string} app
 * @param {string} kind
 * @param {Readonly<Record<string, string>>} local
 * @param {readonly string[]} flags of `new-connector`
 */
export function makeConnector(app, kind, local, flags = []) {
  run(app, process.execPath, "node_modules/statewave-connectors/dist/main.js", "new-connector", kind, ...flags);
  const folder = join(app, `statewave-connector-${kind}`);
  changeManifest(folder, (manifest) => {
    const { "@statewave-connectors/connector-sdk": sdk, "@statewave-connectors/testing": testing } = local;
    Object.assign(manifest.dependencies, { "@statewave-connectors/connector-sdk": sdk });
    Object.assign(manifest.devDependencies, { "@statewave-connectors/testing": testing });
    return { ...manifest, overrides: local };
  });
  return folder;
}

/**
 * Puts the sources and tests of a third party in place of the template's. The version file stays: outside it reads package.json.
 *
 * @param {string} folder
 * @param {string} kind
 * @param {readonly string[]} dependencies
 */
export function layFixture(folder, kind, dependencies) {
  const version = readFileSync(join(folder, "src/version.ts"), "utf8");
  for (const part of ["src", "test"]) {
    rmSync(join(folder, part), { recursive: true });
    cpSync(join(fixtures, kind, part), join(folder, part), { recursive: true });
  }
  writeFileSync(join(folder, "src/version.ts"), version);
  const versions = catalogVersions();
  changeManifest(folder, (manifest) => {
    for (const name of dependencies) manifest.dependencies[name] = versions[name];
    return manifest;
  });
}

/**
 * A new release of a connector: one line of it is another.
 *
 * @param {string} folder
 * @param {{ readonly file: string, readonly from: string, readonly to: string }} change
 */
export function releaseChange(folder, { file, from, to }) {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  if (!text.includes(from)) throw new Error(`${file} of the connector does not have ${JSON.stringify(from)}`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  run(folder, "npm", "run", "build");
}

/** @param {string} folder @param {(manifest: any) => object} change */
function changeManifest(folder, change) {
  const path = join(folder, "package.json");
  writeJson(path, change(JSON.parse(readFileSync(path, "utf8"))));
}
