// Writes the tables of options and rights into the READMEs of the connectors, cursor stores and inboxes, from the schemas that check the file. In a README
// a table lies between
//   <!-- options of [[pull.github]], written by scripts/generate-readme-options.mjs -->  and  <!-- end of options -->
// and a table of the rights that a connector declares, if it does, between
//   <!-- rights of [[pull.github]], written by scripts/generate-readme-options.mjs -->  and  <!-- end of rights -->
// Run it with the Node 24 of this repository, which reads .ts:
//   node scripts/with-toolchain.mjs node --conditions=@statewave-connectors/source scripts/generate-readme-options.mjs [packages/<name> …]
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { optionsTable } from "./options-table.mjs";
import { rightsTable } from "./rights-table.mjs";

/** @typedef {import("../packages/connector-sdk/src/index.ts").Connector} Connector */
/** @typedef {{ readonly config?: unknown }} Opener A store's or inbox's open function: it carries the schema of its options. */
/** @typedef {{ readonly connector?: Connector, readonly openCursorStore?: Opener, readonly openInbox?: Opener }} AdapterModule */

const root = fileURLToPath(new URL("../", import.meta.url));
const contracts = "packages/connector-sdk";
const writtenRights = /(?<begin><!-- rights of (?<table>\S+), [^\n]* -->\n)[^]*?(?<end><!-- end of rights -->)/g;
const written = /(?<begin><!-- options of (?<table>\S+), [^\n]* -->\n)[^]*?(?<end><!-- end of options -->)/g;

/** The folders of all connectors, cursor stores and inboxes, the template too. */
export function adapterFolders() {
  const folders = globSync("packages/{connector,cursor-store,inbox}-*/README.md", { cwd: root }).map((path) => dirname(path));
  return folders.filter((folder) => folder !== contracts).toSorted();
}

/** What a README is, and what it should be. @param {string} folder */
export async function readmeOf(folder) {
  const path = join(root, folder, "README.md");
  const text = readFileSync(path, "utf8");
  const module = await import(pathToFileURL(join(root, folder, "src/index.ts")).href);
  return { path, text, wanted: withTables(text, module, `${folder}/README.md`) };
}

/** The text with its tables written anew. @param {string} text @param {AdapterModule} module @param {string} name */
export function withTables(text, module, name) {
  return withRights(withOptions(text, schemasOf(module), name), module.connector, name);
}

/**
 * The text with its tables of rights written anew. Every entry that declares rights needs its place, and every place its rights.
 * @param {string} text @param {Connector | undefined} connector @param {string} name
 */
function withRights(text, connector, name) {
  const declared = new Map(
    Object.entries({
      [`[[pull.${connector?.kind}]]`]: connector?.pull?.rights ?? [],
      [`[[push.${connector?.kind}]]`]: connector?.push?.rights ?? [],
    }).filter(([, rights]) => rights.length > 0),
  );
  const missing = new Set(declared.keys());
  const wanted = text.replaceAll(writtenRights, (...match) => {
    const { begin, table, end } = match.at(-1);
    if (!missing.delete(table)) throw new Error(`${name} has rights of ${table}, which its connector does not declare`);
    return `${begin}\n${rightsTable(declared.get(table) ?? [])}\n\n${end}`;
  });
  if (missing.size > 0) throw new Error(`${name} has no rights of ${[...missing].join(" and ")}`);
  return wanted;
}

/**
 * The schemas that a package's module declares, by the table of the configuration file that each of them checks.
 * @param {AdapterModule} module
 * @returns {ReadonlyMap<string, unknown>}
 */
function schemasOf({ connector, openCursorStore, openInbox }) {
  const schemas = {
    [`[[pull.${connector?.kind}]]`]: connector?.pull?.config,
    [`[[push.${connector?.kind}]]`]: connector?.push?.config,
    "[runner.state]": openCursorStore?.config,
    "[runner.inbox]": openInbox?.config,
  };
  return new Map(Object.entries(schemas).filter(([, schema]) => schema !== undefined));
}

/**
 * The text with its tables written anew. Every schema needs its place, and every place its schema.
 * @param {string} text @param {ReadonlyMap<string, unknown>} schemas @param {string} name
 */
function withOptions(text, schemas, name) {
  const missing = new Set(schemas.keys());
  const wanted = text.replaceAll(written, (...match) => {
    const { begin, table, end } = match.at(-1);
    if (!missing.delete(table)) throw new Error(`${name} has options of ${table}, which its package does not declare`);
    return `${begin}\n${optionsTable(schemas.get(table))}\n\n${end}`;
  });
  if (missing.size > 0) throw new Error(`${name} has no options of ${[...missing].join(" and ")}`);
  return wanted;
}

if (import.meta.main) {
  const named = process.argv.slice(2);
  const folders = named.length === 0 ? adapterFolders() : named;
  const readmes = await Promise.all(folders.map((folder) => readmeOf(folder)));
  for (const { path, wanted } of readmes) writeFileSync(path, wanted);
}
