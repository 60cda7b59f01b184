import { decodeEntities } from "../html/decode-entities.ts";
import { type LinkDefinitions, linkAddressAt, linkReferenceAt } from "./link-address.ts";

/** What becomes of the address of a link. */
export interface InlineTextOptions {
  /** Addresses up to this length stay, in parentheses behind the label. Default: none. */
  readonly maxUrlLength?: number;
  /** Gets the links whose addresses are left out, as `label: address`. */
  readonly leftOut?: (link: string) => void;
  /** Leaves out links that hold an image and nothing else. Default: they stay as their alternative text. */
  readonly withoutBadges?: boolean;
  /** What `[text][label]` may refer to. Default: nothing. */
  readonly definitions?: LinkDefinitions;
  /**
   * Leaves out all tags that GitHub allows and addresses of templates, decodes entities, and keeps what was hardly meant as emphasis, such as
   * `*.ts` and `2*3*4`. Default: read as ever, since titles are part of keys.
   */
  readonly isText?: boolean;
}

/** One line of Markdown as plain text: labels of links and images, no marks of emphasis and code, no HTML tags. */
export function inlineText(line: string, options: InlineTextOptions = {}): string {
  return mayBeMarkup.test(line) ? new InlineReader(line, options).read() : line;
}

/** Most lines hold none of these. */
const mayBeMarkup = /[\\`<![\]*_~&]/;
const plainText = /[^\\`<![\]*_~&]+/y;

/** Tags that people write into Markdown. Others may be meant as text: `Array<string>`. */
const htmlTag =
  /<\/?(?:a|b|blockquote|br|center|code|dd|del|details|div|dl|dt|em|font|h[1-6]|hr|i|img|ins|kbd|li|ol|p|picture|pre|s|source|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|u|ul)(?=[\s/>])[^<>]*>/iy;
/** What else GitHub allows. Those of the second list stand for a value in descriptions of commands, `<input>`, unless they have attributes. */
const rareTag =
  /<(?:\/?(?:abbr|bdo|caption|cite|col|colgroup|dfn|figcaption|figure|mark|q|rp|rt|ruby|samp|section|small|strike|tfoot|tt|var|wbr)(?=[\s/>])[^<>]*|(?:audio|input|label|time|video)\s[^<>=]*=[^<>]*|\/(?:audio|input|label|time|video)\s*)>/iy;
/** Tags within a word or a sentence. A raised number is none of the one before it: `10<sup>6</sup>`. */
const inlineTag =
  /^<\/?(?:a|abbr|b|bdo|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|tt|u|var)(?=[\s/>])/i;
const marks = /\*+|_+|~~/y;
const backticks = /`+/y;
const escape = /\\[!-/:-@[-`{-~]/y;
const entity = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,30});/iy;
const addressCharacter = /[a-z\d/&=%#?~+-]/i;
const addressEnd = /[\s()<>\u0080-\uffff]/;
const longestLookedAt = 200;
const asciiWord = /[a-z\d]/i;
const wordCharacter = /[\p{L}\p{N}_]/u;

/** A bracket that may begin a link, or a mark that may begin an emphasis: its place among the parts. */
interface Opening {
  readonly text: string;
  readonly part: number;
  /** Where it ends in the line. */
  readonly end: number;
}

const scheme = /^(?:mailto:|https?:\/\/)/i;

/** Whether an address is more than its label, a place in the same text, or what a site's generator would make an address of. */
function saysMore(url: string, label: string): boolean {
  if (url === "" || url.startsWith("#") || url.startsWith("{")) return false;
  const [address, name] = [url, label].map((text) => text.trim().replace(scheme, "").replace(/\/$/, ""));
  return address !== name;
}

/** Goes through the line once and collects what stays of it. */
class InlineReader {
  readonly #line: string;
  readonly #maxUrlLength: number;
  readonly #withoutBadges: boolean;
  readonly #isText: boolean;
  readonly #definitions: LinkDefinitions;
  readonly #leftOut: InlineTextOptions["leftOut"];
  readonly #parts: string[] = [];
  readonly #unclosedCode = new Set<string>();
  #brackets: Opening[] = [];
  #emphases: Opening[] = [];
  /** The parts of the image that was read last. */
  #image = { from: -1, to: -1 };
  #at = 0;

  constructor(line: string, options: InlineTextOptions) {
    const { maxUrlLength = 0, withoutBadges = false, isText = false, definitions = new Map() } = options;
    this.#line = line;
    this.#maxUrlLength = maxUrlLength;
    this.#withoutBadges = withoutBadges;
    this.#isText = isText;
    this.#definitions = definitions;
    this.#leftOut = options.leftOut;
  }

  read(): string {
    while (this.#at < this.#line.length) this.#step();
    return this.#parts.join("");
  }

  #step(): void {
    const line = this.#line;
    switch (line.charAt(this.#at)) {
      case "\\":
        return this.#keep(this.#match(escape)?.slice(1));
      case "`":
        return this.#code(this.#match(backticks) ?? "`");
      case "<":
        return this.#replace(this.#match(htmlTag) ?? (this.#isText ? this.#match(rareTag) : undefined));
      case "&":
        return this.#entity(this.#isText ? this.#match(entity) : undefined);
      case "!":
        return line.charAt(this.#at + 1) === "[" ? this.#openBracket("![") : this.#keep(undefined);
      case "[":
        return this.#openBracket("[");
      case "]":
        return this.#closeBracket();
      case "*":
      case "_":
      case "~":
        return this.#mark(this.#match(marks));
      default:
        return this.#keep(this.#match(plainText));
    }
  }

  /** What the expression matches here; the reader goes behind it. */
  #match(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#line)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  /** Keeps what was read, or one character. */
  #keep(read: string | undefined): void {
    this.#parts.push(read ?? this.#line.charAt(this.#at));
    if (read === undefined) this.#at += 1;
  }

  #entity(read: string | undefined): void {
    this.#keep(read === undefined ? undefined : decodeEntities(read));
  }

  /** Leaves out what was read. */
  #replace(read: string | undefined): void {
    const isInline = this.#isText && read !== undefined && inlineTag.test(read);
    this.#keep(read === undefined ? undefined : isInline ? "" : " ");
  }

  /** What stands between two runs of as many backticks is code: nothing in it is a mark. */
  #code(run: string): void {
    const end = this.#unclosedCode.has(run) ? -1 : this.#line.indexOf(run, this.#at);
    if (end === -1) {
      this.#unclosedCode.add(run);
      this.#parts.push(run);
      return;
    }
    this.#parts.push(this.#line.slice(this.#at, end));
    this.#at = end + run.length;
  }

  #openBracket(text: string): void {
    this.#at += text.length;
    this.#brackets.push({ text, part: this.#parts.length, end: this.#at });
    this.#parts.push(text);
  }

  #closeBracket(): void {
    const opening = this.#brackets.pop();
    const address = opening === undefined ? undefined : this.#addressOf(opening);
    if (opening === undefined || address === undefined) return this.#keep(undefined);
    this.#parts[opening.part] = "";
    const isLink = opening.text === "[";
    const isBadge = isLink && opening.part + 1 === this.#image.from && this.#parts.length === this.#image.to;
    if (isBadge && this.#withoutBadges) this.#forget(opening.part);
    else if (isLink) this.#address(address.url, this.#parts.slice(opening.part + 1).join(""));
    // A link holds no link: brackets before it are text.
    if (isLink) this.#brackets = [];
    else this.#image = { from: opening.part, to: this.#parts.length };
    this.#at = address.end;
    return undefined;
  }

  /** What an address adds to its label. */
  #address(url: string, label: string): void {
    if (!saysMore(url, label)) return;
    if (url.length <= this.#maxUrlLength) this.#parts.push(` (${url})`);
    else this.#leftOut?.(`${label.trim()}: ${url}`);
  }

  #addressOf({ end: from }: Opening): { readonly url: string; readonly end: number } | undefined {
    const at = this.#at + 1;
    return linkAddressAt(this.#line, at, this.#isText) ?? linkReferenceAt(this.#line, { from, at }, this.#definitions);
  }

  /** Leaves out what was kept since a part. */
  #forget(part: number): void {
    this.#parts.length = part;
    this.#emphases = this.#emphases.filter((emphasis) => emphasis.part < part);
  }

  /** Marks of emphasis go in pairs; one without its partner is text, as in `2 * 3`. */
  #mark(run: string | undefined): void {
    if (run === undefined) return this.#keep(undefined);
    const use = this.#isText ? this.#useOf(run) : undefined;
    if (use === "text") {
      this.#parts.push(run);
      return undefined;
    }
    const before = this.#line.charAt(this.#at - run.length - 1);
    const behind = this.#line.charAt(this.#at);
    const [isWordBefore, isWordBehind] = [wordCharacter.test(before), wordCharacter.test(behind)];
    const isInWord = run.startsWith("_") && isWordBefore && isWordBehind;
    const partner = this.#emphases.findLastIndex(({ text }) => text === run);
    if (!isInWord && use !== "begin" && partner !== -1 && before.trim() !== "" && !(run.startsWith("_") && isWordBehind)) {
      const opening = this.#emphases[partner];
      if (opening !== undefined) this.#parts[opening.part] = "";
      this.#emphases = this.#emphases.slice(0, partner);
      return undefined;
    }
    if (!isInWord && use !== "end" && behind.trim() !== "" && !(run.startsWith("_") && isWordBefore)) this.#remember(run);
    this.#parts.push(run);
    return undefined;
  }

  /** What marks that people mostly mean as they stand may be: paths, patterns and products of numbers are text. */
  #useOf(run: string): "text" | "begin" | "end" | undefined {
    const before = this.#line.charAt(this.#at - run.length - 1);
    const [behind, next] = [this.#line.charAt(this.#at), this.#line.charAt(this.#at + 1)];
    if (this.#isInAddress(run, behind)) return "text";
    if (run === "__") return behind === "(" || (behind === "." && wordCharacter.test(next)) ? "text" : undefined;
    if (!run.startsWith("*")) return undefined;
    // `**/etc/hosts**`: without a partner it stays, as in a pattern.
    if (run === "**" && behind === "/" && (before.trim() === "" || before === "(")) return "begin";
    const isPattern = before === "/" || behind === "/" || (run === "*" && behind === "." && asciiWord.test(next));
    const isInWord = asciiWord.test(before) && asciiWord.test(behind);
    if (isPattern || (isInWord && run === "*")) return "text";
    return isInWord ? "end" : undefined;
  }

  /** Whether marks stand within an address without brackets around it: `https://x.example/_a_/b`. */
  #isInAddress(run: string, behind: string): boolean {
    if (!addressCharacter.test(behind)) return false;
    const before = this.#line.slice(Math.max(0, this.#at - run.length - longestLookedAt), this.#at - run.length);
    const start = before.lastIndexOf("://");
    return start !== -1 && !addressEnd.test(before.slice(start));
  }

  #remember(run: string): void {
    // Real lines hold a few; with more the search for a partner would take longer and longer.
    if (this.#emphases.length < 100) this.#emphases.push({ text: run, part: this.#parts.length, end: this.#at });
  }
}
