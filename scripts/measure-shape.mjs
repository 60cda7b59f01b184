// Prints the shape of packages: files, lines, functions, exports, import cycles, non-null assertions, tests.
// node scripts/measure-shape.mjs [--root <checkout>] [package ...]; without a name, every package.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parseSync, Visitor } from "oxc-parser";
import { markdownTable } from "./markdown-table.mjs";

const { values, positionals } = parseArgs({ options: { root: { type: "string" } }, allowPositionals: true });
const root = resolve(values.root ?? fileURLToPath(new URL("..", import.meta.url)));
const all = readdirSync(join(root, "packages")).filter((name) => existsSync(join(root, "packages", name, "src")));
const names = positionals.length > 0 ? positionals : all;

const columns = [
  "package",
  "files",
  "lines",
  "lines a file p50/p95/max",
  "over 300",
  "lines a function p95",
  "exports",
  "cycles",
  "`!` per 1,000 lines",
  "tests to source",
];
console.log(markdownTable(columns, names.map(rowOf)));

/** @param {string} name */
function rowOf(name) {
  const folder = join(root, "packages", name);
  const sources = readAll(join(folder, "src"));
  const tests = readAll(join(folder, "test"));
  const lines = sources.map(({ text }) => linesIn(text));
  const total = sum(lines);
  const shapes = sources.map(shapeOf);
  const functions = shapes.flatMap((shape) => shape.functionLines);
  const assertions = sum(shapes.map((shape) => shape.assertions));
  return [
    name,
    String(sources.length),
    String(total),
    `${percentile(lines, 50)}/${percentile(lines, 95)}/${percentile(lines, 100)}`,
    String(lines.filter((count) => count > 300).length),
    String(percentile(functions, 95)),
    String(exportsOf(join(folder, "src", "index.ts"))),
    String(cyclesIn(new Map(sources.map(({ path }, index) => [path, shapes[index]?.imports ?? []])))),
    ((1000 * assertions) / total).toFixed(1),
    (sum(tests.map(({ text }) => linesIn(text))) / total).toFixed(2),
  ];
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

/** Names that an entry file exports. @param {string} path */
function exportsOf(path) {
  if (!existsSync(path)) return 0;
  const { module } = parseSync(path, readFileSync(path, "utf8"));
  return sum(module.staticExports.map(({ entries }) => entries.length));
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
