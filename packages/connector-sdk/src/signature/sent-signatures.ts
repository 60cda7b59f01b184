/** Several values in one header, each with a name: `t=1,v1=…,v1=…`, or `v1,… v1a,…`. */
export interface SignatureList {
  /** The name of the signatures; there may be several, and any may match. Other names are passed over. */
  readonly name: string;
  /** Between entries. Default a comma. */
  readonly separator?: string;
  /** Between name and value. Default `=`. */
  readonly assign?: string;
}

/** A list has a few entries; what is longer was not sent by a provider. */
const maxHeaderLength = 8_192;
const maxSignatures = 10;

/** The values of that name in the list, in order. */
export function entriesOf(header: string, { name, separator = ",", assign = "=" }: SignatureList): readonly string[] {
  if (header.length > maxHeaderLength) return [];
  const start = `${name}${assign}`;
  return header
    .split(separator)
    .map((entry) => entry.trim())
    .filter((entry) => entry.startsWith(start))
    .map((entry) => entry.slice(start.length))
    .slice(0, maxSignatures);
}

/** The bytes of a signature of that size, in its one spelling (hex in either case); undefined for anything else. */
export function decodeSignature(text: string, encoding: "hex" | "base64", bytes: number): Buffer | undefined {
  const length = encoding === "hex" ? bytes * 2 : Math.ceil(bytes / 3) * 4;
  if (text.length !== length) return undefined;
  const decoded = Buffer.from(text, encoding);
  if (decoded.length !== bytes) return undefined;
  // Hex ends at the first character that is none, so its length proves the spelling.
  return encoding === "hex" || decoded.toString(encoding) === text ? decoded : undefined;
}
