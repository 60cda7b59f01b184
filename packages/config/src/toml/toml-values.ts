import { TomlDate } from "smol-toml";

export interface ValueFault {
  readonly message: string;
  readonly hint: string;
}

/** What is wrong with a key: an invisible character makes it another key than the one that is read. */
export function keyFault(key: string): ValueFault | undefined {
  const control = /\p{Cc}/u.exec(key)?.[0];
  if (control === undefined) return undefined;
  return { message: `the key holds the control character ${codePointOf(control)}`, hint: "remove it" };
}

/** The first character that a person cannot see, other than a plain space: from a web page or an editor, as a rule. */
export function invisibleIn(text: string): string | undefined {
  return /[\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.exec(text)?.[0];
}

/** A character that cannot be shown, e.g. `U+0007`. */
export function codePointOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

const largestTomlInteger = 2n ** 63n - 1n;
const dateExample = "2024-01-31T09:00:00Z";

/** What is wrong with a literal that TOML allows. Its value is not quoted: it may be a secret. */
export function literalFault(value: unknown): ValueFault | undefined {
  if (typeof value === "bigint") return integerFault(value);
  if (!(value instanceof TomlDate)) return undefined;
  if (value.isTime()) return { message: "a time of day without a date", hint: `write a date and a time such as ${dateExample}` };
  if (value.isDateTime() && value.isLocal())
    return { message: "a date and time without an offset", hint: `end it with Z or an offset: ${dateExample}` };
  return undefined;
}

function integerFault(value: bigint): ValueFault {
  if (value > largestTomlInteger || value < -largestTomlInteger - 1n)
    return { message: "not valid TOML: a whole number has at most 64 bits", hint: "write it in quotes if it is text" };
  return {
    message: `a whole number beyond ${Number.MAX_SAFE_INTEGER} cannot be read exactly`,
    hint: "write it in quotes if it is text, or a smaller number",
  };
}
