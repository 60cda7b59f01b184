import { parseSync, Visitor } from "oxc-parser";

/**
 * A regular expression in a source file. `pattern` is undefined where it is put together at run time.
 * @typedef {{ file: string, line: number, source: string, pattern: string | undefined, flags: string }} FoundRegExp
 */

/** String methods that make a regular expression of a string. */
const makingMethods = new Set(["match", "matchAll", "search"]);

/**
 * Every regular expression of a TypeScript or JavaScript file, found in its syntax tree.
 * @param {string} file @param {string} text @returns {FoundRegExp[]}
 */
export function findRegExps(file, text) {
  const { program, errors } = parseSync(file, text);
  if (errors[0] !== undefined) throw new SyntaxError(`${file} cannot be parsed: ${errors[0].message}`);
  /** @type {FoundRegExp[]} */
  const found = [];
  /** @param {{ start: number, end: number }} node @param {string | undefined} pattern @param {string} flags */
  const add = (node, pattern, flags) => {
    found.push({ file, line: lineOf(text, node.start), source: text.slice(node.start, node.end), pattern, flags });
  };
  /** @param {import("oxc-parser").CallExpression | import("oxc-parser").NewExpression} node */
  const visitCall = (node) => {
    const [pattern, flags] = node.arguments;
    // Of a literal, `new RegExp(/a/)` makes a copy; the literal itself is found anyway.
    if (isNamed(node.callee, "RegExp") && !isRegExpLiteral(pattern)) add(node, textOf(pattern), textOf(flags) ?? "");
    const isMaking = node.callee.type === "MemberExpression" && makingMethods.has(nameOf(node.callee.property) ?? "");
    if (isMaking && textOf(pattern) !== undefined) add(node, textOf(pattern), "");
  };
  new Visitor({
    Literal(node) {
      if ("regex" in node) add(node, node.regex.pattern, node.regex.flags);
    },
    CallExpression: visitCall,
    NewExpression: visitCall,
  }).visit(program);
  return found;
}

/** @typedef {import("oxc-parser").Node} Node */

/** `RegExp`, `globalThis.RegExp`. @param {Node} node @param {string} name */
function isNamed(node, name) {
  return nameOf(node.type === "MemberExpression" ? node.property : node) === name;
}

/** @param {Node} node */
function nameOf(node) {
  return node.type === "Identifier" ? node.name : undefined;
}

/** @param {Node | undefined} node */
function isRegExpLiteral(node) {
  return node?.type === "Literal" && "regex" in node;
}

/** The text of a string, of a template without values, of `String.raw` before one. @param {Node | undefined} node @returns {string | undefined} */
function textOf(node) {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? undefined;
  const isRaw = node?.type === "TaggedTemplateExpression" && isNamed(node.tag, "raw") && node.quasi.expressions.length === 0;
  return isRaw ? node.quasi.quasis[0]?.value.raw : undefined;
}

/** @param {string} text @param {number} offset */
function lineOf(text, offset) {
  return text.slice(0, offset).split("\n").length;
}
