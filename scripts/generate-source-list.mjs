// Writes the list of sources into the README of the repository, from the connectors' package.json and declarations, between
//   <!-- sources, written by scripts/generate-source-list.mjs -->  and  <!-- end of sources -->
// Run it with the Node 24 of this repository, which reads .ts:
//   node scripts/with-toolchain.mjs node --conditions=@statewave-connectors/source scripts/generate-source-list.mjs
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { markdownTable } from "./markdown-table.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const readme = join(root, "README.md");
const written = /(?<begin><!-- sources, [^\n]* -->\n)[^]*?(?<end><!-- end of sources -->)/;
const description = /^Statewave connector for (?<source>[^:]+): (?<brings>.+)\.$/;

/** What the README is, and what it should be. */
export async function sourceListOf() {
  const text = readFileSync(readme, "utf8");
  const manifests = globSync("packages/connector-*/package.json", { cwd: root });
  const folders = manifests.map((path) => dirname(path)).filter((folder) => isPublished(folder) && !folder.endsWith("-sdk"));
  const rows = await Promise.all(folders.map(rowOf));
  const table = markdownTable(
    ["source", "what becomes episodes", "pull", "push"],
    rows.toSorted(([left], [right]) => (left < right ? -1 : 1)),
  );
  const wanted = text.replace(written, (...match) => `${match.at(-1).begin}\n${table}\n\n${match.at(-1).end}`);
  return { text, wanted };
}

/** @param {string} folder */
function isPublished(folder) {
  return manifestOf(folder).private !== true;
}

/** @param {string} folder */
function manifestOf(folder) {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
}

/** @param {string} folder @returns {Promise<[string, string, string, string]>} */
async function rowOf(folder) {
  const said = description.exec(manifestOf(folder).description)?.groups;
  if (said === undefined) {
    throw new Error(
      `the description in ${folder}/package.json is not "Statewave connector for <source>: <what becomes episodes>."`,
    );
  }
  const { connector } = await import(pathToFileURL(join(root, folder, "src/index.ts")).href);
  return [`[${said["source"]}](${folder}/README.md)`, said["brings"] ?? "", yesFor(connector.pull), yesFor(connector.push)];
}

/** @param {unknown} direction */
function yesFor(direction) {
  return direction === undefined ? "" : "yes";
}

if (import.meta.main) {
  const { text, wanted } = await sourceListOf();
  if (wanted !== text) writeFileSync(readme, wanted);
}
