/** One step of a pattern. */
export type GlobNode =
  /** Characters as they stand. */
  | { readonly type: "text"; readonly text: readonly string[] }
  /** `?`: one character. */
  | { readonly type: "one" }
  /** `*`: any characters. */
  | { readonly type: "some" }
  /** `[a-z]`: one of these characters. */
  | { readonly type: "set"; readonly has: (character: string) => boolean }
  /** `**` and a slash: any number of folders, none as well. */
  | { readonly type: "folders" }
  /** `**` at the end: whatever remains. */
  | { readonly type: "rest" }
  /** A slash and `**` at the end: whatever lies in the folder, and the folder itself unless its name ends in `*`. */
  | { readonly type: "below"; readonly orItself: boolean }
  /** `@(a|b)`, `?(…)`, `*(…)`, `+(…)`, `!(…)`. */
  | { readonly type: "group"; readonly kind: GroupKind; readonly branches: readonly Glob[] };

export type Glob = readonly GlobNode[];

/** Once, at most once, any number of times, at least once, anything else. */
export type GroupKind = "@" | "?" | "*" | "+" | "!";

/** Groups in groups beyond this are text. */
const maxGroupDepth = 3;

const slash: GlobNode = { type: "text", text: ["/"] };

/** Reads a pattern that holds no more braces. `isPath`: a slash divides it into folders, `**` spans them, and there are groups. */
export function parseGlob(pattern: string, isPath: boolean): Glob {
  // Names that are not paths may be long, and the work for a group grows faster than the name.
  return isPath ? parsePath(pattern) : parseSegment(pattern, maxGroupDepth);
}

/** What is in the groups of a pattern, those in other groups included. */
export function groupsOf(pattern: string): readonly { readonly kind: GroupKind; readonly inside: string }[] {
  const groups: { kind: GroupKind; inside: string }[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const kind = pattern.charAt(at);
    if (kind === "\\") at += 1;
    const end = isGroupKind(kind) ? closingOf(pattern, at + 1) : undefined;
    if (isGroupKind(kind) && end !== undefined) groups.push({ kind, inside: pattern.slice(at + 2, end) });
  }
  return groups;
}

function parsePath(pattern: string): Glob {
  const segments = splitOutside(pattern, "/");
  const glob: GlobNode[] = [];
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === "**") {
      // `a/**/**` says no more than `a/**`.
      if (segments[index + 1] === "**") continue;
      glob.push(...(isLast ? lastSpan(glob) : [{ type: "folders" } as const]));
    } else glob.push(...parseSegment(segment, 0), ...(isLast ? [] : [slash]));
  }
  return glob;
}

/** `**` at the end takes the slash before it: `a/**` matches the folder `a`, too. One that ends in `*` says "in any folder". */
function lastSpan(glob: GlobNode[]): Glob {
  if (glob.at(-1) !== slash) return [{ type: "rest" }];
  glob.pop();
  return [{ type: "below", orItself: glob.at(-1)?.type !== "some" }];
}

/** Reads a pattern, or a part of one between two slashes. */
function parseSegment(segment: string, depth: number): Glob {
  const nodes: GlobNode[] = [];
  for (let at = 0; at < segment.length; at += 1) {
    const character = segment.charAt(at);
    const setEnd = character === "[" ? setEndOf(segment, at) : undefined;
    const groupEnd = isGroupKind(character) && depth < maxGroupDepth ? closingOf(segment, at + 1) : undefined;
    if (isGroupKind(character) && groupEnd !== undefined) {
      const branches = splitOutside(segment.slice(at + 2, groupEnd), "|").map((branch) => parseSegment(branch, depth + 1));
      nodes.push({ type: "group", kind: character, branches });
      at = groupEnd;
    } else if (setEnd !== undefined) {
      nodes.push({ type: "set", has: parseSet(segment.slice(at + 1, setEnd)) });
      at = setEnd;
    } else if (character === "*") {
      if (nodes.at(-1)?.type !== "some") nodes.push({ type: "some" });
    } else if (character === "?") nodes.push({ type: "one" });
    else {
      if (character === "\\" && at + 1 < segment.length) at += 1;
      // One of two halves would match no character of a name.
      const whole = String.fromCodePoint(segment.codePointAt(at) ?? 0);
      addCharacter(nodes, whole);
      at += whole.length - 1;
    }
  }
  return nodes;
}

function addCharacter(nodes: GlobNode[], character: string): void {
  const last = nodes.at(-1);
  if (last?.type === "text") nodes[nodes.length - 1] = { type: "text", text: [...last.text, character] };
  else nodes.push({ type: "text", text: [character] });
}

function isGroupKind(character: string): character is GroupKind {
  return ["@", "?", "*", "+", "!"].includes(character);
}

/** The end of a group whose `(` is expected at `at`. */
function closingOf(segment: string, at: number): number | undefined {
  if (segment.charAt(at) !== "(") return undefined;
  let depth = 0;
  for (let from = at; from < segment.length; from += 1) {
    const character = segment.charAt(from);
    if (character === "\\") from += 1;
    else if (character === "(") depth += 1;
    else if (character === ")") depth -= 1;
    if (depth === 0) return from;
  }
  return undefined;
}

/** The end of a set: a `]` right at its beginning is one of its characters. */
function setEndOf(segment: string, at: number): number | undefined {
  const first = at + (/^\[[!^]/.test(segment.slice(at, at + 2)) ? 2 : 1);
  for (let from = first; from < segment.length; from += 1) {
    if (segment.charAt(from) === "\\") from += 1;
    else if (segment.charAt(from) === "]" && from > first) return from;
  }
  return undefined;
}

function parseSet(inside: string): (character: string) => boolean {
  const isNegated = /^[!^]/.test(inside);
  const ranges: (readonly [string, string])[] = [];
  const members = Array.from(isNegated ? inside.slice(1) : inside);
  for (let at = 0; at < members.length; at += 1) {
    if (members[at] === "\\" && at + 1 < members.length) at += 1;
    const first = members[at] ?? "";
    const last = members[at + 1] === "-" ? members[at + 2] : undefined;
    ranges.push([first, last ?? first]);
    if (last !== undefined) at += 2;
  }
  return (character) => ranges.some(([first, last]) => first <= character && character <= last) !== isNegated;
}

/** Splits at a character that is neither escaped nor in a set or a group. */
function splitOutside(pattern: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let [from, depth] = [0, 0];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    if (character === "\\") at += 1;
    else if (character === "(") depth += 1;
    else if (character === ")") depth = Math.max(depth - 1, 0);
    else if (character === separator && (depth === 0 || separator === "/")) {
      parts.push(pattern.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, pattern.slice(from)];
}
