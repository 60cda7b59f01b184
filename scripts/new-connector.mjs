// Makes packages/connector-<kind> out of packages/connector-example: a whole connector with green tests, to be changed bit by bit.
//
//   npm run new-connector -- <kind> [--pull-only | --push-only]      e.g. zendesk, google-drive
//   node scripts/new-connector.mjs <kind> --files-only               leaves out installing, formatting and the reference page
import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { directed } from "../packages/cli/src/commands/connector/template/directed.ts";
import { kindProblem, renamedFiles, spellings } from "../packages/cli/src/commands/connector/template/rename.ts";
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

// The template's keys are not the new connector's: it commits its own when its kinds are final.
const leftOut = ["{node_modules,dist,.turbo}/**", "test/fixtures/golden-keys.json"];

/** @param {string} kind @param {import("../packages/cli/src/commands/connector/template/directed.ts").Direction | undefined} only */
function copyTemplate(kind, only) {
  const source = join(root, "packages/connector-example");
  const target = join(root, folderOf(kind));
  const entries = globSync("**/*", { cwd: source, withFileTypes: true, exclude: leftOut }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(source.length + 1));
  const template = Object.fromEntries(paths.map((path) => [path, readFileSync(join(source, path), "utf8")]));
  for (const [path, text] of Object.entries(renamedFiles(directed(template, only), kind))) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), text);
  }
  const manifestPath = join(target, "package.json");
  const { private: _, ...manifest } = JSON.parse(readFileSync(manifestPath, "utf8"));
  writeFileSync(manifestPath, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @param {string} kind @param {string} ways */
function writeChangeset(kind, ways) {
  const text = `---\n"@statewave-connectors/connector-${kind}": minor\n---\n\nFirst release: notes of ${spellings(kind).title}, ${ways}.\n`;
  writeFileSync(join(root, `.changeset/connector-${kind}-first-release.md`), text);
}

/** What needs the tools: links the new package, lays its lines as the formatter wants them, lists it in the README and its options in the reference. */
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
  runScript("generate-source-list.mjs");
  return undefined;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { "files-only": { type: "boolean" }, "pull-only": { type: "boolean" }, "push-only": { type: "boolean" } },
});
const [kind] = positionals;
const isBoth = values["pull-only"] === values["push-only"];
const only = isBoth ? undefined : values["pull-only"] === true ? "pull" : "push";
const problem = values["pull-only"] === true && isBoth ? "--pull-only and --push-only exclude each other" : problemWith(kind);
if (problem !== undefined || kind === undefined) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 2;
} else {
  copyTemplate(kind, only);
  writeChangeset(kind, only === undefined ? "pulled and pushed" : `${only}ed`);
  syncAppAdapters(root);
  if (values["files-only"] !== true) await finish(kind);
  process.stdout.write(
    `${folderOf(kind)} is written. Next: npm test -- ${folderOf(kind)}, then docs/guides/add-a-connector.md\n`,
  );
}
