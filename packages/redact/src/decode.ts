import type { Matcher } from "./scan.ts";

/** The parts of a text that hold escapes, with characters in the place of these. */
export interface Decoded {
  readonly text: string;
  /** Position in `text` → position in the text before, where the character or its escape begins. One more entry than characters. */
  readonly offsets: Uint32Array;
}

/**
 * Notes where escapes may stand, and finds nothing: the pass over a text looks at every character anyway, and most texts have none.
 * `%5F` of URLs, also encoded again (`%255F`); `\u005F`, `\"` and `\n` of JSON in JSON; `\_` of Markdown; `&quot;` and `&#95;` of HTML; `=5F`
 * and `=` at the end of a line of mails. Only escapes of ASCII characters are read.
 */
export const escapeMatcher: Matcher = {
  starts: [
    ["%", "0234567", "0123456789ABCDEFabcdef"],
    ["\\", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~nrtu", new Uint8Array(128).fill(1)],
    ["&", "aqlg#", "mputo0123456789xX"],
    ["=", "235\r\n", new Uint8Array(128).fill(1)],
  ],
  match(scan, at) {
    scan.escapes.push(at);
    return undefined;
  },
};

const escape =
  /%(?:25){0,4}(0[9AD]|[2-6][\dA-F]|7[\dA-E])|\\{1,8}(?:u00([2-6][\dA-F]|7[\dA-E])|([nrt])|([!-/:-@[-`{-~]))|&(?:amp;){0,4}(?:(amp|quot|apos|lt|gt);|#(3[2-9]|[4-9]\d|1[01]\d|12[0-6]);|#x([2-6][\dA-F]|7[\dA-E]);)|=(?:(3D|2[\dBF]|5F)|(\r?\n))/iy;
/** `=` begins an escape only in a text that holds this one: there it is one everywhere. */
const quotedPrintable = "=3D";
const named: Readonly<Record<string, number>> = { amp: 0x26, quot: 0x22, apos: 0x27, lt: 0x3c, gt: 0x3e };
const controls: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09 };

/** So much of the text around an escape is looked at with it, up to a space. */
const around = 96;
const lineFeed = 0x0a;

/** Copies the parts of a text that hold escapes, each once. Its memory is used again for the next text. */
export class Decoder {
  #text = "";
  #codes = new Uint16Array(0);
  #offsets = new Uint32Array(0);
  #length = 0;
  /** Up to here everything is copied or left out. */
  #from = 0;
  /** Where the part ends that is being copied. */
  #partEnd = 0;

  /** The text around the escapes at `positions`, which are in order; undefined when none of them is one. Good until the next call. */
  decode(text: string, positions: readonly number[]): Decoded | undefined {
    const isQuotedPrintable = text.includes(quotedPrintable);
    this.#begin(text);
    for (const at of positions) {
      if (at < this.#from || (text[at] === "=" && !isQuotedPrintable)) continue;
      escape.lastIndex = at;
      const match = escape.exec(text);
      if (match !== null) this.#escape(at, match[0].length, codeOf(match));
    }
    if (this.#length === 0) return undefined;
    this.#copyTo(this.#partEnd);
    this.#offsets[this.#length] = this.#partEnd;
    return { text: Buffer.from(this.#codes.buffer, 0, this.#length * 2).toString("utf16le"), offsets: this.#offsets };
  }

  #begin(text: string): void {
    if (this.#codes.length <= text.length) {
      this.#codes = new Uint16Array(2 * text.length + 1);
      this.#offsets = new Uint32Array(2 * text.length + 2);
    }
    this.#text = text;
    this.#length = 0;
    this.#from = 0;
    this.#partEnd = 0;
  }

  /** An escape and the text before it. Without a code it stands for nothing. */
  #escape(at: number, length: number, code: number | undefined): void {
    if (at >= this.#partEnd) this.#beginPart(at);
    this.#copyTo(at);
    if (code !== undefined) this.#put(code, at);
    this.#from = at + length;
    if (this.#from + around > this.#partEnd) this.#partEnd = this.#spaceBehind(Math.max(this.#partEnd, this.#from + around));
  }

  #beginPart(at: number): void {
    this.#copyTo(this.#partEnd);
    const start = this.#spaceBefore(at - around);
    if (start <= this.#from) return;
    if (this.#length > 0) this.#put(lineFeed, this.#from);
    this.#from = start;
  }

  #spaceBefore(at: number): number {
    let start = Math.max(this.#from, at);
    while (start > this.#from && this.#text.charCodeAt(start - 1) > 0x20) start -= 1;
    return start;
  }

  #spaceBehind(at: number): number {
    let end = Math.min(this.#text.length, at);
    while (end < this.#text.length && this.#text.charCodeAt(end) > 0x20) end += 1;
    return end;
  }

  #copyTo(end: number): void {
    for (let at = this.#from; at < end; at += 1) this.#put(this.#text.charCodeAt(at), at);
    this.#from = Math.max(this.#from, end);
  }

  #put(code: number, offset: number): void {
    this.#codes[this.#length] = code;
    this.#offsets[this.#length] = offset;
    this.#length += 1;
  }
}

/** Undefined for a line break that a mail program added. */
function codeOf([, percent, unicode, control, sign, entity, decimal, hex, quoted]: RegExpExecArray): number | undefined {
  const digits = percent ?? unicode ?? hex ?? quoted;
  if (digits !== undefined) return Number.parseInt(digits, 16);
  if (control !== undefined) return controls[control.toLowerCase()];
  if (sign !== undefined) return sign.charCodeAt(0);
  if (entity !== undefined) return named[entity.toLowerCase()];
  return decimal === undefined ? undefined : Number(decimal);
}
