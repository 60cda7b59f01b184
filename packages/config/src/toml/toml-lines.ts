import { formatPath, maxDepth, type TomlPath } from "./toml-path.ts";

/**
 * Finds the lines of keys and table headers in a text that is known to be valid TOML; the parser gives no positions. What stands
 * inside a value (an inline table, a list) has the line on which its key stands.
 */
export function findLines(text: string): (path: TomlPath) => number | undefined {
  const lines = new LineScanner(text).scan();
  return (path) => {
    // A key that is missing has the line of the table that lacks it.
    for (let length = path.length; length > 0; length -= 1) {
      const line = lines.get(formatPath(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  };
}

/** The key or header in the valid text before an offset that the one at the offset repeats. */
export interface EarlierPlace {
  readonly path: TomlPath;
  readonly line: number;
  /** What repeats it: a `[table]` or `[[list]]` header, or else a key. */
  readonly isHeader: boolean;
  readonly isList: boolean;
}

/** Finds what the key or header at `offset` repeats; the text before it has to be valid. */
export function findBefore(text: string, offset: number): EarlierPlace | undefined {
  return new LineScanner(text).scanTo(offset);
}

/** A date that no calendar has, e.g. 2025-02-30: JavaScript would read it as another day. */
export interface ImpossibleDate {
  /** Of the key whose value it is, or is in. */
  readonly path: TomlPath;
  readonly date: string;
}

/** Every impossible date of a valid text. */
export function findImpossibleDates(text: string): readonly ImpossibleDate[] {
  const scanner = new LineScanner(text);
  scanner.scan();
  return scanner.impossibleDates;
}

/** Nothing is ever reported from deeper down; a header of a hundred thousand keys need not be understood. */
const deepest = maxDepth + 4;

class LineScanner {
  readonly #text: string;
  readonly #lines = new Map<string, number>();
  /** How many elements each list of tables has so far, by its path. */
  readonly #counts = new Map<string, number>();
  readonly impossibleDates: ImpossibleDate[] = [];
  #at = 0;
  #line = 1;
  #statement: TomlPath = [];

  constructor(text: string) {
    this.#text = text.startsWith("\uFEFF") ? text.slice(1) : text;
  }

  scan(): ReadonlyMap<string, number> {
    let table: TomlPath = [];
    for (this.#skipVoid(); this.#at < this.#text.length; this.#skipVoid()) {
      if (this.#text[this.#at] === "[") {
        table = this.#header();
      } else {
        this.#statement = [...table, ...this.#keys("=")];
        this.#note(this.#statement, table.length + 1);
        this.#skipValue();
      }
    }
    return this.#lines;
  }

  /** Reads what ends before `offset`, and looks up what begins there. The parser counts from the text with its byte order mark. */
  scanTo(offset: number): EarlierPlace | undefined {
    const whole = this.#text;
    let table: TomlPath = [];
    for (this.#skipVoid(); this.#at < whole.length; this.#skipVoid()) {
      const isHeader = whole[this.#at] === "[";
      const isList = isHeader && whole[this.#at + 1] === "[";
      const isRepeat = this.#at + (isHeader ? 1 : 0) + (isList ? 1 : 0) >= offset;
      if (isRepeat) {
        if (isHeader) this.#at += isList ? 2 : 1;
        const path = [...(isHeader ? [] : table), ...this.#keys(isHeader ? "]" : "=")];
        return this.#earlier(path, isHeader, isList);
      }
      if (isHeader) {
        table = this.#header();
      } else {
        this.#note([...table, ...this.#keys("=")], table.length + 1);
        this.#skipValue();
      }
    }
    return undefined;
  }

  /** The longest beginning of `path` that was set before: a value cannot get keys, either. */
  #earlier(path: TomlPath, isHeader: boolean, isList: boolean): EarlierPlace | undefined {
    for (let length = path.length; length > 0; length -= 1) {
      const beginning = path.slice(0, length);
      const line = this.#lines.get(formatPath(beginning));
      if (line !== undefined)
        return { path: beginning, line, isHeader, isList: isList || this.#counts.has(formatPath(beginning)) };
    }
    return undefined;
  }

  /** `[a.b]` or `[[a.b]]`: answers the path of the table that it opens. */
  #header(): TomlPath {
    const isList = this.#text[this.#at + 1] === "[";
    this.#at += isList ? 2 : 1;
    const keys = this.#keys("]");
    if (isList) this.#at += 1;
    const path: (string | number)[] = [];
    for (const [index, key] of keys.entries()) {
      path.push(key);
      const name = formatPath(path);
      const isLast = index === keys.length - 1;
      if (isLast && isList) this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
      const count = this.#counts.get(name);
      // A header below a list of tables means its last element.
      if (count !== undefined) {
        this.#note(path, path.length);
        path.push(count - 1);
      }
    }
    this.#note(path, 1);
    return path;
  }

  /** Remembers the line of a path and of those of its beginnings that are longer than `from` segments; the first mention counts. */
  #note(path: TomlPath, from: number): void {
    for (let length = from; length <= path.length; length += 1) {
      const name = formatPath(path.slice(0, length));
      if (!this.#lines.has(name)) this.#lines.set(name, this.#line);
    }
  }

  /** Dotted keys up to and with `end`. */
  #keys(end: string): string[] {
    const keys: string[] = [];
    for (;;) {
      this.#skipBlank();
      keys.push(this.#key());
      this.#skipBlank();
      const separator = this.#text[this.#at];
      this.#at += 1;
      if (separator === end || separator === undefined) return keys.slice(0, deepest);
    }
  }

  #key(): string {
    const quote = this.#text[this.#at];
    const start = this.#at;
    if (quote === '"' || quote === "'") {
      this.#skipString();
      const raw = this.#text.slice(start + 1, this.#at - 1);
      return quote === '"' ? unescape(raw) : raw;
    }
    while (/[A-Za-z0-9_-]/.test(this.#text[this.#at] ?? "")) this.#at += 1;
    return this.#text.slice(start, this.#at);
  }

  /** To the end of the statement: brackets and strings may go over several lines. */
  #skipValue(): void {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at];
      if (character === '"' || character === "'") {
        this.#skipString();
        continue;
      }
      if (character === "#") {
        this.#skipComment();
        continue;
      }
      if (isDigit(character) && !isDigit(this.#text[this.#at - 1])) this.#noteDate();
      if (character === "[" || character === "{") depth += 1;
      if (character === "]" || character === "}") depth -= 1;
      if (character === "\n" && depth === 0) return;
      this.#advance();
    }
  }

  #noteDate(): void {
    datePattern.lastIndex = this.#at;
    const match = datePattern.exec(this.#text);
    if (match !== null && !isCalendarDate(Number(match[1]), Number(match[2]), Number(match[3])))
      this.impossibleDates.push({ path: this.#statement, date: match[0] });
  }

  #skipString(): void {
    const quote = this.#text.charAt(this.#at);
    const triple = quote.repeat(3);
    const isMultiline = this.#text.startsWith(triple, this.#at);
    const end = isMultiline ? triple : quote;
    this.#at += end.length;
    while (this.#at < this.#text.length && !this.#text.startsWith(end, this.#at)) {
      if (quote === '"' && this.#text[this.#at] === "\\") this.#advance();
      this.#advance();
    }
    this.#at += end.length;
    // Up to two quotes may stand before the closing three.
    if (isMultiline) while (this.#text[this.#at] === quote) this.#at += 1;
  }

  #skipVoid(): void {
    for (;;) {
      if (this.#text[this.#at] === "#") this.#skipComment();
      if (!/[ \t\r\n]/.test(this.#text[this.#at] ?? "")) return;
      this.#advance();
    }
  }

  #skipBlank(): void {
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\t") this.#at += 1;
  }

  #skipComment(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end === -1 ? this.#text.length : end;
  }

  #advance(): void {
    if (this.#text[this.#at] === "\n") this.#line += 1;
    this.#at += 1;
  }
}

const datePattern = /(\d{4})-(\d{2})-(\d{2})/y;

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= "0" && character <= "9";
}

function isCalendarDate(year: number, month: number, day: number): boolean {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** The escapes of a basic TOML string. */
function unescape(raw: string): string {
  return raw.replaceAll(
    /\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/gs,
    (_, x, u, long, character: string) => {
      const hex: string | undefined = x ?? u ?? long;
      return hex === undefined ? (escapes[character] ?? character) : String.fromCodePoint(Number.parseInt(hex, 16));
    },
  );
}

const escapes: Readonly<Record<string, string>> = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", e: "\u001b" };
