// Makes packages/connector-<kind> out of packages/connector-example: a whole connector with green tests, to be changed bit by bit.
//
//   npm run new-connector -- <kind>             e.g. zendesk, google-drive
//   node scripts/new-connector.mjs --files-only <kind>     leaves out installing, formatting and the reference page
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, globSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { kindProblem, renamed, spellings } from "../packages/cli/src/connector-template/rename.ts";
import { providePnpm } from "./pnpm/pinned-pnpm.mjs";
import { syncAppAdapters } from "./sync-app-adapters.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));

/** What is wrong with a kind, or undefined. @param {string | undefined} kind */
function problemWith(kind) {
  if (kind === undefined) return "usage: npm run new-connector -- <kind>";
  const problem = kindProblem(kind);
  if (problem !== undefined) return problem;
  return existsSync(join(root, folderOf(kind))) ? `${folderOf(kind)} exists already` : undefined;
}

/** @param {string} kind */
const folderOf = (kind) => `packages/connector-${kind}`;

/** @param {string} kind */
function copyTemplate(kind) {
  const source = join(root, "packages/connector-example");
  const target = join(root, folderOf(kind));
  // The template's keys are not the new connector's: it commits its own when its kinds are final.
  const leftOut = new Set(["node_modules", "dist", ".turbo", "golden-keys.json"]);
  cpSync(source, target, { recursive: true, filter: (path) => !leftOut.has(basename(path)) });
  for (const entry of globSync("**/*", { cwd: target, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    writeFileSync(path, renamed(readFileSync(path, "utf8"), kind));
    if (entry.name.includes("example")) renameSync(path, join(entry.parentPath, renamed(entry.name, kind)));
  }
  const manifestPath = join(target, "package.json");
  const { private: _, ...manifest } = JSON.parse(readFileSync(manifestPath, "utf8"));
  writeFileSync(manifestPath, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @param {string} kind */
function writeChangeset(kind) {
  const text = `---\n"@statewave-connectors/connector-${kind}": minor\n---\n\nFirst release: notes of ${spellings(kind).title}, pulled and pushed.\n`;
  writeFileSync(join(root, `.changeset/connector-${kind}-first-release.md`), text);
}

/** What needs the tools: links the new package, lays its lines as the formatter wants them, lists its options in the reference. */
async function finish(/** @type {string} */ kind) {
  const pnpm = await providePnpm(root);
  if (typeof pnpm === "string") return process.kill(process.pid, pnpm);
  const options = /** @type {const} */ ({ cwd: root, stdio: "inherit" });
  execFileSync(pnpm.file, [...pnpm.args, "install", "--no-frozen-lockfile"], options);
  const runScript = (/** @type {readonly string[]} */ ...[name, ...args]) =>
    execFileSync(
      process.execPath,
      ["--conditions=@statewave-connectors/source", join(root, `scripts/${name}`), ...args],
      options,
    );
  runScript("generate-readme-options.mjs", folderOf(kind));
  execFileSync("oxfmt", [folderOf(kind)], options);
  runScript("generate-config-reference.mjs");
  return undefined;
}

const args = process.argv.slice(2);
const filesOnly = args[0] === "--files-only";
const kind = filesOnly ? args[1] : args[0];
const problem = problemWith(kind);
if (problem !== undefined || kind === undefined) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 2;
} else {
  copyTemplate(kind);
  writeChangeset(kind);
  syncAppAdapters(root);
  if (!filesOnly) await finish(kind);
  process.stdout.write(`${folderOf(kind)} is there, whole and tested. Next: docs/guides/add-a-connector.md\n`);
}
