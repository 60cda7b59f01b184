import { parseSync } from "oxc-parser";

/** A text that people read in an error: `…` stands for what is filled in. */
export interface ErrorText {
  readonly role: "hint" | "message";
  readonly text: string;
  readonly line: number;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

/**
 * Reads the hints and messages of errors out of TypeScript sources: values of `hint`, and of a `message` beside a `code` or a `hint`; arguments
 * for parameters of these names, of functions in the same file and of methods in any; variables and functions whose name ends in hint.
 */
export function collectErrorTexts(sources: ReadonlyMap<string, string>): ReadonlyMap<string, readonly ErrorText[]> {
  const programs = new Map([...sources].map(([path, code]) => [path, parseSync(path, code).program as unknown as Node]));
  const ofMethods: Parameters = new Map();
  for (const program of programs.values()) walk(program, (node) => noteParameters(node, "MethodDefinition", ofMethods));
  const found = new Map<string, readonly ErrorText[]>();
  for (const [path, program] of programs) {
    const code = sources.get(path) ?? "";
    const texts: ErrorText[] = [];
    const parameters: Parameters = new Map(ofMethods);
    walk(program, (node) => noteParameters(node, "FunctionDeclaration", parameters));
    const add = (role: ErrorText["role"], value: unknown) => {
      for (const { text, start } of literalsOf(value)) texts.push({ role, text, line: code.slice(0, start).split("\n").length });
    };
    walk(program, (node) => {
      for (const { role, value } of textsAt(node, parameters)) add(role, value);
    });
    found.set(path, texts);
  }
  return found;
}

type Parameters = Map<string, { readonly index: number; readonly role: ErrorText["role"] }[]>;

function noteParameters(node: Node, type: "MethodDefinition" | "FunctionDeclaration", parameters: Parameters): void {
  const named = node.type === type ? functionAt(node) : undefined;
  if (named === undefined) return;
  const list = named.parameters.flatMap((parameter, index) => {
    const name = nameOf(parameter.type === "AssignmentPattern" ? parameter["left"] : parameter);
    return name === "hint" || name === "message" ? [{ index, role: name } as const] : [];
  });
  // A message alone may be any message; beside a hint it is an error's.
  if (list.some(({ role }) => role === "hint")) parameters.set(named.name, list);
}

function functionAt(node: Node): { readonly name: string; readonly parameters: readonly Node[] } | undefined {
  if (node.type === "FunctionDeclaration") return { name: nameOf(node["id"]) ?? "", parameters: parametersOf(node) };
  if (node.type === "MethodDefinition")
    return { name: nameOf(node["key"]) ?? "", parameters: parametersOf(node["value"] as Node) };
  return undefined;
}

function parametersOf(node: Node): readonly Node[] {
  return node["params"] as readonly Node[];
}

function textsAt(node: Node, parameters: Parameters): readonly { readonly role: ErrorText["role"]; readonly value: unknown }[] {
  switch (node.type) {
    case "ObjectExpression":
      return propertiesOf(node);
    case "VariableDeclarator":
      return isHintName(nameOf(node["id"])) ? [{ role: "hint", value: node["init"] }] : [];
    case "FunctionDeclaration":
      return isHintName(nameOf(node["id"])) ? [{ role: "hint", value: node["body"] }] : [];
    case "CallExpression": {
      const callee = node["callee"] as Node;
      const name = nameOf(callee.type === "MemberExpression" ? callee["property"] : callee) ?? "";
      const args = node["arguments"] as readonly Node[];
      return (parameters.get(name) ?? []).map(({ index, role }) => ({ role, value: args[index] }));
    }
    default:
      return [];
  }
}

function propertiesOf(node: Node): readonly { readonly role: ErrorText["role"]; readonly value: unknown }[] {
  const properties = (node["properties"] as readonly Node[]).filter(({ type }) => type === "Property");
  const named = new Map(properties.map((property) => [nameOf(property["key"]) ?? "", property["value"]]));
  const isError = named.has("code") || named.has("hint");
  return [
    ...(named.has("hint") ? [{ role: "hint" as const, value: named.get("hint") }] : []),
    ...(isError && named.has("message") ? [{ role: "message" as const, value: named.get("message") }] : []),
  ];
}

function isHintName(name: string | undefined): boolean {
  return name !== undefined && /(^h|H)ints?(For|Of)?$/.test(name);
}

function nameOf(node: unknown): string | undefined {
  return isNode(node) && typeof node["name"] === "string" ? node["name"] : undefined;
}

/** The texts that an expression can have: both branches of a condition, every value of a table, what a function returns. */
function literalsOf(value: unknown): readonly { readonly text: string; readonly start: number }[] {
  if (!isNode(value)) return [];
  const { type, start } = value;
  if (type === "Literal") return typeof value["value"] === "string" ? [{ text: value["value"], start }] : [];
  if (type === "TemplateLiteral") {
    const quasis = value["quasis"] as readonly { readonly value: { readonly cooked: string } }[];
    return [{ text: quasis.map((quasi) => quasi.value.cooked).join("…"), start }];
  }
  if (type === "BinaryExpression" && value["operator"] === "+") {
    const sides = [literalsOf(value["left"]), literalsOf(value["right"])];
    return [{ text: sides.map((side) => side[0]?.text ?? "…").join(""), start }];
  }
  return branchesOf(value).flatMap(literalsOf);
}

function branchesOf(value: Node): readonly unknown[] {
  switch (value.type) {
    case "ConditionalExpression":
      return [value["consequent"], value["alternate"]];
    case "LogicalExpression":
      return [value["left"], value["right"]];
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "ParenthesizedExpression":
    case "TSNonNullExpression":
      return [value["expression"]];
    case "ObjectExpression":
      return (value["properties"] as readonly Node[]).map((property) => property["value"]);
    case "ArrowFunctionExpression":
      return [value["body"]];
    case "BlockStatement":
      return returnsOf(value);
    default:
      return [];
  }
}

function returnsOf(block: Node): readonly unknown[] {
  const returned: unknown[] = [];
  walk(block, (node) => {
    if (node.type === "ReturnStatement") returned.push(node["argument"]);
  });
  return returned;
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
