import { ElementStack, type OpenElement } from "./html/element-stack.ts";
import { type HtmlPiece, readTags } from "./html/read-tags.ts";
import { TextBuilder } from "./html/text-builder.ts";

/** Longer links are left out: they are made for machines, and count clicks. */
const maxUrlLength = 300;
const maxIndent = 5;

/** Elements that begin and end a line. */
const lines: ReadonlySet<string> = new Set(
  "address article aside body center dd details dialog dir div dt fieldset figcaption figure footer form header hgroup html legend li main menu nav option optgroup section select summary tbody tfoot thead title tr".split(
    " ",
  ),
);

/** Elements with an empty line before and behind them. */
const paragraphs: ReadonlySet<string> = new Set("blockquote dl h1 h2 h3 h4 h5 h6 hr ol p pre table ul".split(" "));

/** Elements that readers do not see. */
const unseen: ReadonlySet<string> = new Set(["head", "title", "object", "audio", "video", "canvas", "svg", "math", "datalist"]);

/**
 * What a reader sees of HTML, as plain text: paragraphs and lists on lines of their own, cells of a table beside each other, links with
 * their addresses, quoted mail behind `>`. Scripts, styles and what is hidden are left out. The time is linear in the length, and
 * nesting is bounded.
 */
export function htmlToText(html: string): string {
  const reading = new HtmlReading();
  for (const piece of readTags(html)) reading.take(piece);
  return reading.toString();
}

class HtmlReading {
  readonly #text = new TextBuilder();
  readonly #stack = new ElementStack();
  /** The lists around, innermost last: the number of the next item, undefined for a list without numbers. */
  readonly #lists: (number | undefined)[] = [];
  /** The links around: where each leads, and what was read of its label. */
  readonly #links: { readonly url: string | undefined; label: string }[] = [];
  #isFirstCell = true;

  take(piece: HtmlPiece): void {
    if (piece.type === "text") this.#takeText(piece.text);
    else if (piece.type === "open") this.#open(piece.name, piece.attributes);
    else this.#close(piece.name);
  }

  toString(): string {
    return this.#text.toString();
  }

  #takeText(text: string): void {
    if (this.#stack.top?.isHidden === true) return;
    const link = this.#links.at(-1);
    if (link !== undefined && link.label.length < maxUrlLength) link.label += text.slice(0, maxUrlLength);
    if (this.#stack.count("pre") > 0) this.#text.verbatim(text);
    else this.#text.words(text);
  }

  #open(name: string, attributes: ReadonlyMap<string, string>): void {
    const isHidden = unseen.has(name) || isHiddenBy(attributes);
    const isKept = this.#stack.open({ name, isHidden }, (closed) => this.#onClose(closed));
    if (isHidden || this.#stack.top?.isHidden === true) return;
    this.#break(name);
    if (isKept) this.#begin(name, attributes);
  }

  #begin(name: string, attributes: ReadonlyMap<string, string>): void {
    switch (name) {
      case "br":
        return this.#text.lineBreak();
      case "img":
        return this.#image(attributes.get("alt") ?? "");
      case "a":
        this.#links.push({ url: shownUrl(attributes.get("href")), label: "" });
        return undefined;
      case "blockquote":
        return this.#text.quote(1);
      case "ul":
      case "ol":
        this.#lists.push(name === "ol" ? firstNumber(attributes.get("start")) : undefined);
        return undefined;
      case "li":
        return this.#item();
      case "tr":
        this.#isFirstCell = true;
        return undefined;
      case "td":
      case "th":
        return this.#cell();
      default:
        return undefined;
    }
  }

  #close(name: string): void {
    // `</p>` and `</br>` without a beginning are lines all the same.
    if (name === "p" || name === "br") this.#text.block(1);
    this.#stack.close(name, (closed) => this.#onClose(closed));
  }

  #onClose({ name, isHidden }: OpenElement): void {
    if (isHidden) return;
    if (name === "a") this.#endLink();
    if (name === "ul" || name === "ol") this.#lists.pop();
    if (name === "blockquote") this.#text.quote(-1);
    this.#break(name);
  }

  #break(name: string): void {
    // A list in a list continues it.
    if (paragraphs.has(name)) this.#text.block(this.#lists.length > 0 && (name === "ul" || name === "ol") ? 1 : 2);
    else if (lines.has(name)) this.#text.block(1);
  }

  #item(): void {
    const number = this.#lists.at(-1);
    const indent = "  ".repeat(Math.min(Math.max(this.#lists.length - 1, 0), maxIndent));
    this.#text.mark(`${indent}${number === undefined ? "-" : `${number}.`}`);
    if (number !== undefined) this.#lists[this.#lists.length - 1] = number + 1;
  }

  #cell(): void {
    if (!this.#isFirstCell) this.#text.separator(" |");
    this.#isFirstCell = false;
  }

  #image(alt: string): void {
    const label = alt.trim();
    if (label !== "") this.#text.words(` [image: ${label}] `);
  }

  #endLink(): void {
    const link = this.#links.pop();
    if (link?.url === undefined) return;
    const label = link.label.trim();
    const isShown = label.includes(link.url) || link.url === `mailto:${label}` || link.url === `${withScheme(label)}/`;
    if (!isShown && link.url !== withScheme(label))
      this.#text.words(`${label === "" ? "" : " "}(${link.url})${/\s$/.test(link.label) ? " " : ""}`);
  }
}

function withScheme(label: string): string {
  return `https://${label}`;
}

/** The address of a link for people: no script, no place in the same page, no tracking code of a thousand letters. */
function shownUrl(href = ""): string | undefined {
  const url = href.trim();
  return /^(?:https?|mailto|tel|ftp):\S+$/i.test(url) && url.length <= maxUrlLength ? url : undefined;
}

function isHiddenBy(attributes: ReadonlyMap<string, string>): boolean {
  if (attributes.has("hidden")) return true;
  const style = (attributes.get("style") ?? "").replaceAll(/\s/g, "").toLowerCase();
  return ["display:none", "visibility:hidden", "mso-hide:all"].some((rule) => style.includes(rule));
}

function firstNumber(start = "1"): number {
  const number = Number(start);
  return Number.isSafeInteger(number) && Math.abs(number) < 1e9 ? number : 1;
}
