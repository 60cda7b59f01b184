/** Longer labels are text. */
const maxLabelLength = 200;
const definition = /^ {0,3}\[([^[\]^][^[\]]{0,199})\]:[ \t]+(\S+)(?:[ \t]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]*$/;
const addressCharacter = /[/.#]/;
const maxDefinitionLength = 2_000;

/** The addresses of a document by their labels, as `[label]: address` defines them. */
export type LinkDefinitions = ReadonlyMap<string, string>;

/** What a line defines: `[label]: https://… "title"`. Notes, `[^1]: …`, are text. */
export function linkDefinitionOf(line: string): { readonly label: string; readonly url: string } | undefined {
  const match = line.includes("]:") && line.length <= maxDefinitionLength ? definition.exec(line) : null;
  const [, label = "", written = ""] = match ?? [];
  const url = written.replace(/^</, "").replace(/>$/, "");
  return addressCharacter.test(url) ? { label: labelOf(label), url } : undefined;
}

/** The labels that a text may refer to: whatever stands in brackets, in the form in which definitions have it. */
export function labelsIn(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(/\[([^[\]]{1,200})\]/g), ([, label = ""]) => labelOf(label)));
}

function labelOf(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ").toLowerCase();
}

/** The address that `[text][label]`, `[label][]` or `[label]` refers to; `from` is behind the opening bracket, `at` behind the closing one. */
export function linkReferenceAt(
  line: string,
  { from, at }: { readonly from: number; readonly at: number },
  definitions: LinkDefinitions,
): { readonly url: string; readonly end: number } | undefined {
  if (definitions.size === 0) return undefined;
  const label = /^\[([^[\]]*)\]/.exec(line.slice(at, at + maxLabelLength + 2));
  const own = at - from > maxLabelLength ? "" : line.slice(from, at - 1);
  const named = label === null || label[1] === "" ? own : (label[1] ?? "");
  const url = definitions.get(labelOf(named));
  return url === undefined ? undefined : { url, end: at + (label?.[0].length ?? 0) };
}

const addressEnd = /[\s()<>[\]]/;
/** Longer titles, and longer addresses in angle brackets, are none. */
const maxTitleLength = 500;

interface LinkAddress {
  readonly url: string;
  /** Behind the parenthesis. */
  readonly end: number;
}

/** The address in parentheses that follows the label of a link, with a title or without. One of a template may hold spaces, where wanted. */
export function linkAddressAt(line: string, at: number, hasTemplates = false): LinkAddress | undefined {
  if (line.charAt(at) !== "(") return undefined;
  if (line.charAt(at + 1) === "<") return angledAddress(line, at + 2);
  const made = hasTemplates && line.charAt(at + 1) === "{" ? templateAddress(line, at + 1) : undefined;
  if (made !== undefined) return made;
  const start = at + 1;
  let end = start;
  let isInPair = false;
  for (; end < line.length; end += 1) {
    const character = line.charAt(end);
    // Addresses of encyclopedias hold pairs of parentheses.
    if (isInPair ? character === ")" : character === "(") isInPair = !isInPair;
    else if (addressEnd.test(character)) break;
  }
  const close = behindTitle(line, end);
  return close === undefined ? undefined : { url: line.slice(start, end), end: close };
}

const template = /^(?:\{%[^%]*%\}|\{\{[^{}]*\}\})[^\s()]*\)/;

/** `{% page "/tools/" %}` and `{{< ref "tools.md" >}}`: what a generator of sites makes an address of. */
function templateAddress(line: string, start: number): LinkAddress | undefined {
  const match = template.exec(line.slice(start, start + maxTitleLength));
  return match === null ? undefined : { url: match[0].slice(0, -1), end: start + match[0].length };
}

/** In angle brackets an address may hold spaces. */
function angledAddress(line: string, start: number): LinkAddress | undefined {
  const length = line.slice(start, start + maxTitleLength).search(/[<>]/);
  const end = start + length;
  const close = length === -1 || line.charAt(end) === "<" ? undefined : behindTitle(line, end + 1);
  return close === undefined ? undefined : { url: line.slice(start, end), end: close };
}

function behindTitle(line: string, at: number): number | undefined {
  if (line.charAt(at) === ")") return at + 1;
  const title = /^\s+(?:"[^"]*"|'[^']*')\s*\)/.exec(line.slice(at, at + maxTitleLength));
  return title === null ? undefined : at + title[0].length;
}
