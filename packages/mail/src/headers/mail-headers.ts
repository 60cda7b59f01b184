import { oneLine } from "@statewave-connectors/connector-sdk/text";
import { decodeWords } from "./decode-words.ts";

/** One header of a mail. */
export interface MailHeader {
  /** Lower case. */
  readonly name: string;
  /** On one line, as it stands in the mail: encoded words are not decoded. */
  readonly raw: string;
}

/** The headers of a mail or of a part, in their order. Those of one name are kept apart: who adds one adds it above. */
export class MailHeaders {
  readonly all: readonly MailHeader[];
  readonly #byName = new Map<string, readonly string[]>();

  /** @param headers `raw` may be a getter: of most headers only the name is looked at. */
  constructor(headers: readonly MailHeader[]) {
    this.all = headers;
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
    const values: string[] = [];
    for (const header of this.all) if (header.name === name) values.push(header.raw);
    this.#byName.set(name, values);
    return values;
  }
}

/** Headers that a provider returns one by one. */
export function mailHeaders(headers: Iterable<{ readonly name: string; readonly value: string }>): MailHeaders {
  return new MailHeaders(Array.from(headers, ({ name, value }) => ({ name: name.trim().toLowerCase(), raw: unfold(value) })));
}

/** A value without the line breaks that fold it, and without the white space around it. */
export function unfold(value: string): string {
  return value
    .replaceAll(/\r?\n|\0/g, "")
    .replaceAll("\r", " ")
    .trim();
}
