// Writes packages/cli/dist/connector-template.json: packages/connector-example as a package outside this repository, file by file. The command
// `statewave-connectors new-connector <kind>` makes a package of it. The build of the cli runs this.
//
//   node scripts/write-connector-template.mjs
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const example = join(root, "packages/connector-example");
const repositoryUrl = "https://github.com/statewave-connectors/statewave-connectors/blob/main/";

/** The files of the template, by path. @returns {Readonly<Record<string, string>>} */
export function connectorTemplate() {
  const paths = globSync("{README.md,src/**/*.ts,test/**/*.ts}", { cwd: example }).toSorted();
  return {
    ...Object.fromEntries(paths.map((path) => [path, outside(readFileSync(join(example, path), "utf8"))])),
    "src/version.ts":
      'import { packageVersion } from "@statewave-connectors/connector-sdk/host";\n\n/** As package.json says. */\nexport const version = packageVersion(import.meta.url);\n',
    "package.json": toJson(manifest()),
    "tsconfig.json": toJson(tsconfig()),
    "tsconfig.build.json": toJson(buildConfig),
    ".gitignore": "node_modules\ndist\n",
  };
}

/** Names and links as they are outside. @param {string} text */
function outside(text) {
  return text
    .replaceAll("@statewave-connectors/connector-example", "statewave-connector-example")
    .replaceAll(/^<!-- (?:options|rights) of [^\n]*-->\n\n?/gm, "")
    .replaceAll(/^<!-- end of (?:options|rights) -->\n\n?/gm, "")
    .replaceAll("](../../", `](${repositoryUrl}`);
}

function manifest() {
  const catalog = catalogVersions();
  const { description, type, sideEffects, engines, files, dependencies, devDependencies } = manifestIn(example);
  const versioned = (/** @type {Readonly<Record<string, string>>} */ wanted) =>
    Object.fromEntries(
      Object.entries(wanted).map(([name, range]) => {
        if (range === "catalog:") return [name, withCaret(catalog[name] ?? "")];
        return [name, `^${manifestIn(join(root, "packages", name.slice("@statewave-connectors/".length))).version}`];
      }),
    );
  return {
    name: "statewave-connector-example",
    version: "0.1.0",
    description,
    files,
    type,
    sideEffects,
    exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" }, "./package.json": "./package.json" },
    scripts: { build: "tsc -p tsconfig.build.json", "check:types": "tsc -p .", prepack: "npm run build", test: "vitest run" },
    dependencies: versioned(dependencies),
    devDependencies: {
      ...versioned({ ...devDependencies, "@types/node": "catalog:" }),
      typescript: withCaret(catalog["typescript"] ?? ""),
    },
    engines,
  };
}

/** Outside, an exact version would not be shared with other packages: two copies of vitest do not know each other's tests. @param {string} range */
function withCaret(range) {
  return /^\d/.test(range) ? `^${range}` : range;
}

/** The catalog of pnpm-workspace.yaml, which is a list of one line each. @returns {Readonly<Record<string, string>>} */
export function catalogVersions() {
  const [, section = ""] = /^catalog:\n((?: {2}.*\n)+)/m.exec(readFileSync(join(root, "pnpm-workspace.yaml"), "utf8")) ?? [];
  return Object.fromEntries(Array.from(section.matchAll(/^ {2}"?([^":\s]+)"?: (\S+)$/gm), ([, name, range]) => [name, range]));
}

function tsconfig() {
  const { compilerOptions } = JSON.parse(readFileSync(join(root, "tsconfig.base.json"), "utf8"));
  return {
    compilerOptions: { ...compilerOptions, noEmit: true, rewriteRelativeImportExtensions: true },
    include: ["src", "test"],
  };
}

const buildConfig = {
  extends: "./tsconfig.json",
  compilerOptions: { noEmit: false, noEmitOnError: true, declaration: true, sourceMap: true, rootDir: "src", outDir: "dist" },
  include: ["src"],
};

/** @param {string} folder */
function manifestIn(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** @param {unknown} value */
function toJson(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}

if (import.meta.main) {
  const path = join(root, "packages/cli/dist/connector-template.json");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, toJson(connectorTemplate()));
}
