import { type Comment, parseSync } from "oxc-parser";
import { proseLines } from "../docs/markdown-files.ts";

/** A piece of English in the repository. */
export interface Prose {
  readonly kind: "comment" | "log" | "markdown" | "text" | "title";
  /** Of its first character. */
  readonly line: number;
  /** Code in backticks is left out; line breaks stay. */
  readonly text: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

/** The lines of a Markdown page. */
export function proseOfMarkdown(text: string): readonly Prose[] {
  return proseLines(text).map(({ line, text: prose }) => ({ kind: "markdown", line, text: withoutCode(prose) }));
}

/** A call that logs. */
export interface LogCall {
  readonly line: number;
  /** Whether its message is a literal, a choice of literals, or an entry of a table. */
  readonly isConstant: boolean;
}

/** What a source file says. */
export interface CodeProse {
  /** Its comments, titles of tests, log messages, and its other texts of several words. */
  readonly prose: readonly Prose[];
  readonly logCalls: readonly LogCall[];
}

/** Reads a source file. */
export function proseOfCode(path: string, code: string): CodeProse {
  const { program, comments } = parseSync(path, code);
  const lineAt = lineCounter(code);
  const prose: Prose[] = joinLines(comments, code).map(({ start, text }) => ({
    kind: "comment",
    line: lineAt(start),
    text: withoutCode(text),
  }));
  const logCalls: LogCall[] = [];
  const roles = new Map<unknown, Prose["kind"]>();
  walk(program as unknown as Node, (node) => {
    const message = logMessageAt(node);
    if (message !== undefined) logCalls.push({ line: lineAt(node.start), isConstant: isConstant(message) });
    for (const [literal, kind] of rolesAt(node)) roles.set(literal, kind);
    const text = textOf(node);
    if (text !== undefined && /\S \S/.test(text))
      prose.push({ kind: roles.get(node) ?? "text", line: lineAt(node.start), text: withoutCode(text) });
  });
  return { prose, logCalls };
}

function withoutCode(text: string): string {
  return text.replaceAll(/`[^`\n]*`/g, "`…`");
}

/** Neighbouring `//` lines are one text. */
function joinLines(comments: readonly Comment[], code: string): readonly { readonly start: number; readonly text: string }[] {
  const joined: { start: number; end: number; text: string }[] = [];
  for (const { type, value, start, end } of comments) {
    const last = joined.at(-1);
    const text = value.replaceAll(/\n[ \t]*\*? ?/g, "\n");
    if (type === "Line" && last !== undefined && /^\n[ \t]*$/.test(code.slice(last.end, start)))
      Object.assign(last, { end, text: `${last.text}\n${text}` });
    else joined.push({ start, end, text });
  }
  return joined;
}

const testFunctions = new Set(["describe", "it", "test"]);
const levels = new Set(["debug", "info", "warn", "error"]);

function rolesAt(node: Node): readonly (readonly [unknown, Prose["kind"]])[] {
  if (node.type === "Property" && nameOf(node["key"]) === "title") return [[node["value"], "title"]];
  if (node.type !== "CallExpression") return [];
  const [first] = node["arguments"] as readonly Node[];
  if (testFunctions.has(rootName(node["callee"]) ?? "")) return [[first, "title"]];
  const message = logMessageAt(node);
  return message === undefined ? [] : literalsIn(message).map((literal) => [literal, "log"] as const);
}

/** The message of a call such as `logger.warn("message", fields)`. */
function logMessageAt(node: Node): Node | undefined {
  if (node.type !== "CallExpression") return undefined;
  const callee = node["callee"] as Node;
  const [first] = node["arguments"] as readonly Node[];
  if (callee.type !== "MemberExpression" || first === undefined || !levels.has(nameOf(callee["property"]) ?? ""))
    return undefined;
  return /log(ger)?$/i.test(lastName(callee["object"]) ?? "") ? first : undefined;
}

function isConstant(message: Node): boolean {
  if (message.type === "ConditionalExpression") return literalsIn(message).length === 2;
  if (message.type === "MemberExpression" || message.type === "Identifier") return true;
  return literalsIn(message).length === 1;
}

function literalsIn(message: Node): readonly Node[] {
  if (message.type === "ConditionalExpression")
    return [message["consequent"], message["alternate"]].flatMap((branch) => literalsIn(branch as Node));
  return message.type === "Literal" && typeof message["value"] === "string" ? [message] : [];
}

function textOf(node: Node): string | undefined {
  if (node.type === "Literal") return typeof node["value"] === "string" ? node["value"] : undefined;
  if (node.type !== "TemplateLiteral") return undefined;
  const quasis = node["quasis"] as readonly { readonly value: { readonly cooked: string } }[];
  return quasis.map((quasi) => quasi.value.cooked).join("…");
}

function rootName(callee: unknown): string | undefined {
  if (!isNode(callee)) return undefined;
  if (callee.type === "MemberExpression") return rootName(callee["object"]);
  return callee.type === "CallExpression" ? rootName(callee["callee"]) : nameOf(callee);
}

function lastName(object: unknown): string | undefined {
  if (!isNode(object)) return undefined;
  if (object.type === "ChainExpression") return lastName(object["expression"]);
  return object.type === "MemberExpression" ? nameOf(object["property"]) : nameOf(object);
}

function nameOf(node: unknown): string | undefined {
  return isNode(node) && typeof node["name"] === "string" ? node["name"] : undefined;
}

function lineCounter(code: string): (offset: number) => number {
  const ends = Array.from(code.matchAll(/\n/g), ({ index }) => index);
  return (offset) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? (value as readonly unknown[]) : [value]) if (isNode(child)) walk(child, visit);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
