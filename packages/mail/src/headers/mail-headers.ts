import { oneLine } from "@statewave-connectors/connector-sdk/text";
import { decodeWords } from "./decode-words.ts";

/** One header of a mail. */
export interface MailHeader {
  /** Lower case. */
  readonly name: string;
  /** On one line, as it stands in the mail: encoded words are not decoded. */
  readonly raw: string;
}

/** The headers of a block, which may be read when they are wanted. */
export interface HeaderLines {
  readonly all: readonly MailHeader[];
  /** The raw values of a name in lower case, topmost first. */
  valuesOf(name: string): readonly string[];
}

/** The headers of a mail or of a part, in their order. Those of one name are kept apart: who adds one adds it above. */
export class MailHeaders {
  readonly #lines: HeaderLines;
  readonly #byName = new Map<string, readonly string[]>();

  constructor(headers: readonly MailHeader[] | HeaderLines) {
    this.#lines = "valuesOf" in headers ? headers : listed(headers);
  }

  get all(): readonly MailHeader[] {
    return this.#lines.all;
  }

  /** The first value of a name, encoded words decoded, on one line. The name is in lower case. */
  get(name: string): string | undefined {
    const [raw] = this.raw(name);
    return raw === undefined ? undefined : oneLine(decodeWords(raw));
  }

  /** All values of a name, topmost first, each as `get` returns it. */
  values(name: string): readonly string[] {
    return this.raw(name).map((raw) => oneLine(decodeWords(raw)));
  }

  /** All values of a name as they stand, topmost first. */
  raw(name: string): readonly string[] {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const values = this.#lines.valuesOf(name);
    if (values.length > 0) this.#byName.set(name, values);
    return values;
  }
}

function listed(all: readonly MailHeader[]): HeaderLines {
  return { all, valuesOf: (name) => all.filter((header) => header.name === name).map(({ raw }) => raw) };
}

/** Headers that a provider returns one by one. */
export function mailHeaders(headers: Iterable<{ readonly name: string; readonly value: string }>): MailHeaders {
  return new MailHeaders(Array.from(headers, ({ name, value }) => ({ name: name.trim().toLowerCase(), raw: unfold(value) })));
}

/** A value without the line breaks that fold it, and without the white space around it. */
export function unfold(value: string): string {
  const text = value.trim();
  if (!/[\r\n\0]/.test(text)) return text;
  return text
    .replaceAll(/\r?\n|\0/g, "")
    .replaceAll("\r", " ")
    .trim();
}
