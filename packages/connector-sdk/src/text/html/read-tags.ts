import { decodeEntities } from "./decode-entities.ts";

/** A piece of HTML, in order. Comments, declarations and what `<script>` and its like hold are no pieces. */
export type HtmlPiece =
  /** Entities decoded. */
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "open"; readonly name: string; readonly attributes: ReadonlyMap<string, string> }
  | { readonly type: "close"; readonly name: string };

/** Elements whose content is not markup, and not for readers. */
const rawElements: ReadonlySet<string> = new Set(["script", "style", "template", "noembed", "noframes", "iframe", "xmp"]);

/** Attributes beyond these are not read. */
const maxAttributes = 100;

/**
 * Reads HTML piece by piece, as browsers do as far as the text is concerned: broken markup is no error. It looks at every character a
 * fixed number of times. A tag that never ends, and everything behind it, is text.
 */
export function* readTags(html: string): Generator<HtmlPiece> {
  const ends = lastPlaces(html);
  let from = 0;
  for (let at = html.indexOf("<"); at !== -1; at = html.indexOf("<", at)) {
    const piece = readMarkup(html, at, ends);
    if (piece === "unended") break;
    if (piece === undefined) {
      at += 1;
      continue;
    }
    if (at > from) yield { type: "text", text: decodeEntities(html.slice(from, at)) };
    if (piece.tag !== undefined) yield piece.tag;
    from = piece.tag?.type === "open" && rawElements.has(piece.tag.name) ? endOfRaw(html, piece.end, piece.tag.name) : piece.end;
    at = from;
  }
  if (from < html.length) yield { type: "text", text: decodeEntities(html.slice(from)) };
}

interface Markup {
  readonly end: number;
  readonly tag?: Extract<HtmlPiece, { type: "open" | "close" }>;
}

/** Where each character that ends something stands for the last time: nothing is looked for in vain. */
type LastPlaces = Readonly<Record<">" | "'" | '"', number>>;

function lastPlaces(html: string): LastPlaces {
  return { ">": html.lastIndexOf(">"), "'": html.lastIndexOf("'"), '"': html.lastIndexOf('"') };
}

/** What begins with the `<` at `at`: undefined when that is only a character. */
function readMarkup(html: string, at: number, ends: LastPlaces): Markup | "unended" | undefined {
  const next = html.charAt(at + 1);
  if (html.startsWith("<!--", at)) return { end: endOfComment(html, at + 4) };
  if (at > ends[">"]) return "unended";
  if (next === "!" || next === "?") return { end: behind(html, ">", at) };
  if (next === "/") {
    const name = nameAt(html, at + 2);
    return name === "" ? undefined : { end: behind(html, ">", at), tag: { type: "close", name } };
  }
  const name = nameAt(html, at + 1);
  return name === "" ? undefined : readOpening(html, at + 1 + name.length, name, ends);
}

function behind(html: string, text: string, from: number): number {
  const found = html.indexOf(text, from);
  return found === -1 ? html.length : found + text.length;
}

/** `<!-->` and `<!--->` are whole comments; one that never ends takes the rest. */
function endOfComment(html: string, from: number): number {
  if (html.startsWith(">", from)) return from + 1;
  if (html.startsWith("->", from)) return from + 2;
  return behind(html, "-->", from);
}

const nameStart = /[a-z]/i;
const nameEnd = /[\s/>]/;

function nameAt(html: string, at: number): string {
  if (!nameStart.test(html.charAt(at))) return "";
  let end = at + 1;
  // No element has a longer name; what follows counts as an attribute.
  while (end < html.length && end - at < 64 && !nameEnd.test(html.charAt(end))) end += 1;
  return html.slice(at, end).toLowerCase();
}

function readOpening(html: string, from: number, name: string, ends: LastPlaces): Markup | "unended" {
  const attributes = new Map<string, string>();
  let at = from;
  while (at <= ends[">"]) {
    const character = html.charAt(at);
    if (character === ">") return { end: at + 1, tag: { type: "open", name, attributes } };
    if (nameEnd.test(character)) {
      at += 1;
      continue;
    }
    const attribute = readAttribute(html, at, ends);
    if (attributes.size < maxAttributes && !attributes.has(attribute.name)) attributes.set(attribute.name, attribute.value);
    at = attribute.end;
  }
  return "unended";
}

const attributeNameEnd = /[\s/>=]/;
const space = /\s/;
const bareValueEnd = /[\s>]/;

function readAttribute(html: string, at: number, ends: LastPlaces) {
  let end = at + 1;
  while (end <= ends[">"] && !attributeNameEnd.test(html.charAt(end))) end += 1;
  const name = html.slice(at, end).toLowerCase();
  const sign = skip(html, end, space);
  if (html.charAt(sign) !== "=") return { name, value: "", end };
  const start = skip(html, sign + 1, space);
  const quote = html.charAt(start);
  if ((quote === '"' || quote === "'") && ends[quote] > start) {
    const close = html.indexOf(quote, start + 1);
    return { name, value: decodeEntities(html.slice(start + 1, close)), end: close + 1 };
  }
  let valueEnd = start;
  while (valueEnd <= ends[">"] && !bareValueEnd.test(html.charAt(valueEnd))) valueEnd += 1;
  return { name, value: decodeEntities(html.slice(start, valueEnd)), end: valueEnd };
}

function skip(html: string, from: number, what: RegExp): number {
  let at = from;
  while (at < html.length && what.test(html.charAt(at))) at += 1;
  return at;
}

/** Behind the content of a raw element; one that is never closed takes the rest. */
function endOfRaw(html: string, from: number, name: string): number {
  for (let at = html.indexOf("</", from); at !== -1; at = html.indexOf("</", at + 2)) {
    if (nameAt(html, at + 2) === name) return at;
  }
  return html.length;
}
