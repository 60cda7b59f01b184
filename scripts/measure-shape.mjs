// Prints the shape of packages: files, lines, functions, exports, import cycles, non-null assertions, tests; and of all of them together.
// node scripts/measure-shape.mjs [--root <checkout>] [package ...]; without a name, every package. `--root` shows how it was at another commit.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parseSync, Visitor } from "oxc-parser";
import { markdownTable } from "./markdown-table.mjs";

const { values, positionals } = parseArgs({ options: { root: { type: "string" } }, allowPositionals: true });
const root = resolve(values.root ?? fileURLToPath(new URL("..", import.meta.url)));
const apps = readdirSync(join(root, "apps")).map((name) => `apps/${name}`);
const all = [...readdirSync(join(root, "packages")), ...apps].filter((name) => existsSync(join(folderOf(name), "src")));
const names = positionals.length > 0 ? positionals : all;

const columns = [
  "package",
  "files",
  "lines",
  "lines a file p50/p95/max",
  "over 300",
  "lines a function p95",
  "exports of the root",
  "most of a subpath",
  "cycles",
  "`!` per 1,000 lines",
  "tests to source",
];
/** @type {ExportCount} */
const noExports = { values: 0, types: 0 };
const shapes = names.map(shapeOfPackage);
const rows = shapes.map(rowOf);
if (shapes.length > 1) rows.push(rowOf(together(shapes)));
console.log(markdownTable(columns, rows));

/**
 * @typedef {{ readonly values: number, readonly types: number }} ExportCount
 * @typedef {{
 *   readonly name: string,
 *   readonly lines: readonly number[],
 *   readonly functions: readonly number[],
 *   readonly root: ExportCount,
 *   readonly largest: ExportCount,
 *   readonly cycles: number,
 *   readonly assertions: number,
 *   readonly testLines: number,
 * }} PackageShape
 */

/** @param {string} name @returns {PackageShape} */
function shapeOfPackage(name) {
  const folder = folderOf(name);
  const sources = readAll(join(folder, "src"));
  const files = sources.map(shapeOf);
  const [own = noExports, ...subpaths] = exportsOf(folder);
  return {
    name,
    lines: sources.map(({ text }) => linesIn(text)),
    functions: files.flatMap(({ functionLines }) => functionLines),
    root: own,
    largest: largestOf(subpaths),
    cycles: cyclesIn(new Map(sources.map(({ path }, index) => [path, files[index]?.imports ?? []]))),
    assertions: sum(files.map(({ assertions }) => assertions)),
    testLines: sum(readAll(join(folder, "test")).map(({ text }) => linesIn(text))),
  };
}

/** @param {readonly PackageShape[]} packages @returns {PackageShape} */
function together(packages) {
  return {
    name: "all",
    lines: packages.flatMap(({ lines }) => lines),
    functions: packages.flatMap(({ functions }) => functions),
    root: largestOf(packages.map((shape) => shape.root)),
    largest: largestOf(packages.map(({ largest }) => largest)),
    cycles: sum(packages.map(({ cycles }) => cycles)),
    assertions: sum(packages.map(({ assertions }) => assertions)),
    testLines: sum(packages.map(({ testLines }) => testLines)),
  };
}

/** @param {PackageShape} shape */
function rowOf({ name, lines, functions, root: own, largest, cycles, assertions, testLines }) {
  const total = sum(lines);
  return [
    name,
    String(lines.length),
    String(total),
    `${percentile(lines, 50)}/${percentile(lines, 95)}/${percentile(lines, 100)}`,
    String(lines.filter((count) => count > 300).length),
    String(percentile(functions, 95)),
    `${own.values} + ${own.types}`,
    `${largest.values} + ${largest.types}`,
    String(cycles),
    ((1000 * assertions) / total).toFixed(1),
    (testLines / total).toFixed(2),
  ];
}

/** @param {string} name As `runner`, or `apps/runner`. */
function folderOf(name) {
  return name.startsWith("apps/") ? join(root, name) : join(root, "packages", name);
}

/** @param {string} folder */
function readAll(folder) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return files.map((file) => ({ path: join(folder, file), text: readFileSync(join(folder, file), "utf8") }));
}

/** @param {{ readonly path: string, readonly text: string }} file */
function shapeOf({ path, text }) {
  const { program } = parseSync(path, text);
  /** @type {string[]} */
  const imports = [];
  /** @type {number[]} */
  const functionLines = [];
  let assertions = 0;
  /** @param {{ readonly source?: { readonly value: unknown } | null }} node */
  const onImport = ({ source }) => {
    if (typeof source?.value === "string" && source.value.startsWith(".")) imports.push(resolve(dirname(path), source.value));
  };
  /** @param {{ readonly start: number, readonly end: number }} node */
  const onFunction = ({ start, end }) => void functionLines.push(linesIn(text.slice(start, end)));
  new Visitor({
    ImportDeclaration: onImport,
    ExportNamedDeclaration: onImport,
    ExportAllDeclaration: onImport,
    FunctionDeclaration: onFunction,
    FunctionExpression: onFunction,
    ArrowFunctionExpression: onFunction,
    TSNonNullExpression: () => void (assertions += 1),
  }).visit(program);
  return { imports, functionLines, assertions };
}

/** Values and types of each entry of a package, the root first. @param {string} folder @returns {readonly ExportCount[]} */
function exportsOf(folder) {
  const { exports = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.values(exports).flatMap((/** @type {string | Record<string, string>} */ entry) => {
    const file = typeof entry === "string" ? undefined : entry["@statewave-connectors/source"];
    return file === undefined ? [] : [countExports(join(folder, file))];
  });
}

/** @param {string} path @returns {ExportCount} */
function countExports(path) {
  const { module } = parseSync(path, readFileSync(path, "utf8"));
  const exported = module.staticExports.flatMap(({ entries }) => entries);
  const types = exported.filter(({ isType }) => isType).length;
  return { values: exported.length - types, types };
}

/** @param {readonly ExportCount[]} counts @returns {ExportCount} */
function largestOf(counts) {
  return counts.reduce((most, count) => (count.values + count.types > most.values + most.types ? count : most), noExports);
}

/** Groups of files that import each other, types included. @param {ReadonlyMap<string, readonly string[]>} graph */
function cyclesIn(graph) {
  /** @type {Map<string, { index: number, low: number }>} */
  const seen = new Map();
  /** @type {string[]} */
  const stack = [];
  let cycles = 0;
  /** @param {string} file */
  const visit = (file) => {
    const mark = { index: seen.size, low: seen.size };
    seen.set(file, mark);
    stack.push(file);
    for (const imported of graph.get(file) ?? []) {
      if (!graph.has(imported)) continue;
      const known = seen.get(imported);
      if (known === undefined) mark.low = Math.min(mark.low, visit(imported));
      else if (stack.includes(imported)) mark.low = Math.min(mark.low, known.index);
    }
    if (mark.low === mark.index) {
      const group = stack.splice(stack.indexOf(file));
      if (group.length > 1) {
        cycles += 1;
        console.error(`cycle: ${group.map((member) => relative(root, member)).join(", ")}`);
      }
    }
    return mark.low;
  };
  for (const file of graph.keys()) if (!seen.has(file)) visit(file);
  return cycles;
}

/** @param {string} text */
function linesIn(text) {
  return text.trimEnd().split("\n").length;
}

/** @param {readonly number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

/** @param {readonly number[]} numbers @param {number} percent */
function percentile(numbers, percent) {
  const sorted = numbers.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
}
