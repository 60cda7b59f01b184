// Installs the packages as a user would, from their tarballs, in a clean folder, and imports each one there.
//
//   node scripts/check-tarballs.mjs [folder with .tgz files]
//
// Without a folder it packs every public package itself; they must have been built. Needs pnpm, npm and a recent Node on PATH.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const mostLoadedFiles = { "validate-config": 100, "--help": 12 };
const mostInstalledBytes = 25_000_000;

const work = mkdtempSync(join(tmpdir(), "check-tarballs-"));
try {
  const given = process.argv[2];
  const folder = given === undefined ? packAll(join(work, "tarballs")) : resolve(given);
  const tarballs = tarballsIn(folder);
  if (tarballs.length === 0) throw new Error(`No tarball to check in ${given ?? "this repository"}`);

  const manifests = tarballs.map((path) => ({ path, manifest: manifestIn(path) }));
  const local = Object.fromEntries(manifests.map(({ path, manifest }) => [manifest.name, `file:${path}`]));
  const app = install("app", Object.keys(local), local, optionalPeers(manifests.map(({ manifest }) => manifest)));
  for (const { manifest } of manifests) checkInstalled(app, manifest);
  process.stdout.write(`${manifests.length} packages install and load from their tarballs\n`);
  checkFewFiles(app);

  const scope = "@statewave-connectors";
  if (`${scope}/cli` in local) {
    checkNothingElse(scope, local);
    checkSize(scope, local);
  }
  if ("statewave-connectors" in local) {
    const whole = install("whole", ["statewave-connectors"], local);
    printSizes(join(whole, "node_modules"), "statewave-connectors with every connector and kind of state");
    runScript("check-node-versions.mjs", app);
    runScript("check-consumer-types.mjs", app);
    runScript("check-new-connector.mjs", folder, app);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Runs a script beside this one. It says itself what is wrong, and what is read is the end. @param {string} name @param {string[]} args */
function runScript(name, ...args) {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) process.exitCode = 1;
}

/**
 * A folder with these packages installed. A devDependency of a package is not installed there, so an import of one fails.
 * @param {string} name
 * @param {readonly string[]} wanted
 * @param {Readonly<Record<string, string>>} local
 * @param {Readonly<Record<string, string>>} [further] by their ranges
 */
function install(name, wanted, local, further = {}) {
  const app = join(work, name);
  mkdirSync(app);
  const dependencies = { ...Object.fromEntries(wanted.map((each) => [each, local[each]])), ...further };
  // "overrides" makes the packages use each other's tarball: none of these versions is published yet.
  const manifest = { name: "check-tarballs", private: true, type: "module", dependencies, overrides: local };
  writeFileSync(join(app, "package.json"), JSON.stringify(manifest));
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: app, stdio: ["ignore", 2, 2] });
  return app;
}

/**
 * Who uses no server installs no driver; who uses one installs that one's.
 * @param {string} scope
 * @param {Readonly<Record<string, string>>} local
 */
function checkNothingElse(scope, local) {
  const drivers = ["bullmq", "ioredis", "pg", "pg-boss"];
  const kinds = { file: [], postgres: ["pg", "pg-boss"], redis: ["bullmq", "ioredis"] };
  for (const [kind, expected] of Object.entries(kinds)) {
    const wanted = ["cli", `cursor-store-${kind}`, `inbox-${kind}`].map((name) => `${scope}/${name}`);
    const app = install(`only-${kind}`, wanted, local);
    const found = drivers.filter((name) => existsSync(join(app, "node_modules", name)));
    if (found.join() !== expected.join()) {
      throw new Error(`with the ${kind} packages alone, npm installs [${found.join(", ")}] instead of [${expected.join(", ")}]`);
    }
    process.stdout.write(
      `  the cli with the ${kind} packages brings ${found.length === 0 ? "no driver" : found.join(" and ")}\n`,
    );
  }
}

/**
 * What a configuration with one source and state in a file needs stays small, and is enough for it. Prints the largest packages.
 * @param {string} scope
 * @param {Readonly<Record<string, string>>} local
 */
function checkSize(scope, local) {
  const wanted = ["cli", "connector-github", "cursor-store-file", "inbox-file"].map((name) => `${scope}/${name}`);
  const app = install("smallest", wanted, local);
  const modules = join(app, "node_modules");
  const total = printSizes(modules, "the cli with GitHub and file state");
  if (total > mostInstalledBytes) throw new Error(`npm installs ${megabytes(total)}, more than ${megabytes(mostInstalledBytes)}`);
  const config = join(app, "statewave-connectors.toml");
  const entry = '[[pull.github]]\nname = "widgets"\nschedule = "every 1h"\nrepo = "acme/widgets"\n';
  writeFileSync(config, `[statewave]\nurl = "stdout:"\n[runner.state]\nkind = "file"\n${entry}`);
  for (const args of [["validate-config"], ["state", "list"], ["dead-letters", "list"]])
    run(app, [join(modules, scope, "cli/dist/main.js"), ...args, "--config", config]);
}

/** Prints the largest packages of a `node_modules`, and how much all of it is. @param {string} modules @param {string} what */
function printSizes(modules, what) {
  const folders = readdirSync(modules).filter((name) => !name.startsWith("."));
  const names = folders.flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  const sizes = names.map((name) => ({ name, bytes: sizeOf(join(modules, name)) })).toSorted((a, b) => b.bytes - a.bytes);
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { name, bytes } of sizes.slice(0, 10)) process.stdout.write(`  ${megabytes(bytes)} ${name}\n`);
  process.stdout.write(`${what} takes ${megabytes(total)}\n`);
  return total;
}

/** The bytes of every file in a folder. @param {string} folder */
function sizeOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.reduce((sum, entry) => sum + lstatSync(join(entry.parentPath, entry.name)).size, 0);
}

/** @param {string} target */
function packAll(target) {
  const members = JSON.parse(execFileSync("pnpm", ["--recursive", "list", "--json", "--depth=-1"], { encoding: "utf8" }));
  for (const { path, private: isPrivate } of members) {
    if (!isPrivate) execFileSync("pnpm", ["pack", "--pack-destination", target], { cwd: path, stdio: ["ignore", "ignore", 2] });
  }
  return target;
}

/** @param {string} folder */
function tarballsIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".tgz"))
    .map((name) => join(folder, name))
    .toSorted();
}

/**
 * Packages of others that some entry needs, such as vitest: a program that imports that entry has them.
 * @param {readonly ReturnType<typeof manifestIn>[]} manifests
 */
function optionalPeers(manifests) {
  const peers = manifests.flatMap(({ peerDependencies = {}, peerDependenciesMeta = {} }) =>
    Object.entries(peerDependencies).filter(([name]) => peerDependenciesMeta[name]?.optional === true),
  );
  return Object.fromEntries(peers.filter(([name]) => !name.startsWith("@statewave-connectors/")));
}

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {Record<string, unknown>} [exports]
 * @property {Record<string, string>} [bin]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, { optional?: boolean }>} [peerDependenciesMeta]
 */

/** @param {string} tarball @returns {Manifest} */
function manifestIn(tarball) {
  return JSON.parse(execFileSync("tar", ["-xzOf", tarball, "package/package.json"], { encoding: "utf8" }));
}

/** @param {string} app @param {ReturnType<typeof manifestIn>} manifest */
function checkInstalled(app, { name, exports = {}, bin = {} }) {
  const folder = join(app, "node_modules", name);
  for (const file of ["README.md", "LICENSE"]) readFileSync(join(folder, file));
  if ("." in exports) run(app, ["--input-type=module", "--eval", `await import(${JSON.stringify(name)})`]);
  for (const file of Object.values(bin)) run(app, [join(folder, file), "--help"]);
  process.stdout.write(`  ${name}\n`);
}

/**
 * A file costs about 0.3 ms of every start. Packages whose dist is not bundled would load about 300 of them here.
 * @param {string} app
 */
function checkFewFiles(app) {
  const program = join(app, "node_modules/statewave-connectors/dist/main.js");
  if (!existsSync(program)) return;
  const config = join(app, "statewave-connectors.toml");
  writeFileSync(
    config,
    '[statewave]\nurl = "stdout:"\n[runner.state]\nkind = "file"\n[[push.slack]]\nname = "team"\nsigning_secret = "s"\n',
  );
  const found = {
    "validate-config": loadedFiles(app, [program, "validate-config", "--config", config]),
    "--help": loadedFiles(app, [program, "--help"]),
  };
  for (const [command, most] of Object.entries(mostLoadedFiles)) {
    const count = found[/** @type {keyof typeof found} */ (command)];
    if (count > most) throw new Error(`${command} loads ${count} files, more than ${most}`);
    process.stdout.write(`${command} loads ${count} files\n`);
  }
}

/** How many files a program loads. @param {string} app @param {string[]} args */
function loadedFiles(app, args) {
  const list = join(app, "loaded.txt");
  rmSync(list, { force: true });
  const hook = `import { appendFileSync } from "node:fs"; import { registerHooks } from "node:module";
    registerHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(list)}, url + "\\n"); return next(url, context); } });`;
  run(app, ["--import", `data:text/javascript,${encodeURIComponent(hook)}`, ...args]);
  const loaded = readFileSync(list, "utf8").split("\n");
  return loaded.filter((url) => url.startsWith("file:")).length;
}

/** @param {string} cwd @param {string[]} args */
function run(cwd, args) {
  execFileSync(process.execPath, args, { cwd, stdio: ["ignore", "ignore", 2], timeout: 60_000 });
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
