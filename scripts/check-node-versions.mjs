// Runs an installation of the packages on every Node.js that they support: each package is imported, and the program reads a folder with its
// state in files.
//
//   node scripts/check-node-versions.mjs <folder in which the packages are installed> [folder of a Node.js...]
//
// The oldest, the current and the newest Node.js come from npm, into node_modules/.cache. scripts/check-tarballs.mjs calls this.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { npm, run, writeJson } from "./outside/commands.mjs";

/** The oldest is the one in `engines`. The current one runs this script, and is the one of the tests. */
const fetchedVersions = ["22.19.0", "26.10.0"];
const cache = fileURLToPath(new URL("../node_modules/.cache/nodes/", import.meta.url));

const [given, ...folders] = process.argv.slice(2);
if (given === undefined) throw new Error("usage: node scripts/check-node-versions.mjs <installation> [folder of a Node.js...]");
const app = resolve(given);
const work = mkdtempSync(join(tmpdir(), "check-node-versions-"));
const scope = "@statewave-connectors/";

try {
  const nodes = folders.length > 0 ? folders.map((folder) => join(folder, "node")) : fetchedVersions.map(fetchNode);
  for (const node of [...nodes, process.execPath]) checkNode(node);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** npm has the programs of Node.js in packages, one for each system. @param {string} version */
function fetchNode(version) {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(cache, version);
  const program = join(folder, "node_modules", name, "bin/node");
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeJson(join(folder, "package.json"), { name: "nodes", private: true, dependencies: { [name]: version } });
    npm(folder, "install", "--ignore-scripts");
  }
  return program;
}

/** @param {string} node */
function checkNode(node) {
  const version = run(app, node, "--version").trim();
  const names = Object.keys(JSON.parse(readFileSync(join(app, "package.json"), "utf8")).dependencies);
  const imports = names.filter(hasRoot).map((name) => `await import(${JSON.stringify(name)});`);
  const script = join(app, "import-all.mjs");
  writeFileSync(script, imports.join("\n"));
  run(app, node, script);
  checkProgram(node, version);
  process.stdout.write(`  Node.js ${version} imports ${imports.length} packages and runs the program\n`);
}

/** @param {string} name */
function hasRoot(name) {
  const { exports = {} } = JSON.parse(readFileSync(join(app, "node_modules", name, "package.json"), "utf8"));
  return name.startsWith(scope) && "." in exports;
}

/** One run of a folder of documents, and a look at the state behind it. @param {string} node @param {string} version */
function checkProgram(node, version) {
  const folder = join(work, version);
  mkdirSync(join(folder, "docs"), { recursive: true });
  writeFileSync(join(folder, "docs/note.md"), "# Note\n\nThe gasket leaks.\n");
  const config = join(folder, "statewave-connectors.toml");
  const entry = '[[pull.markdown]]\nname = "docs"\nschedule = "every 1h"\npath = "./docs"\n';
  writeFileSync(config, `[statewave]\nurl = "file:./episodes.jsonl"\n\n[runner.state]\nkind = "file"\n\n${entry}`);
  const program = join(app, "node_modules/statewave-connectors/dist/main.js");
  const command = (/** @type {string[]} */ ...args) => run(folder, node, program, ...args, "--config", config);
  command("run", "--once");
  const episodes = readFileSync(join(folder, "episodes.jsonl"), "utf8").trim().split("\n");
  const runs = command("runs", "markdown/docs", "--json").trim().split("\n");
  if (episodes.length !== 1 || runs.length !== 1 || JSON.parse(runs[0] ?? "{}").delivered !== 1)
    throw new Error(`on Node.js ${version} a run delivered ${episodes.length} episodes and left ${runs.join()}`);
}
