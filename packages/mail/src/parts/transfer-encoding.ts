import { bufferOf, latin1 } from "../charset/latin1.ts";

/** A part's content as it was before it was encoded for the way, with errors left out or kept as they stand. */
export function decodeTransfer(bytes: Uint8Array, encoding = ""): Uint8Array {
  switch (encodingName(encoding)) {
    case "base64":
      return isBase64(bytes) ? decodeBase64(bytes) : bytes;
    case "quoted-printable":
      return decodeQuotedPrintable(bytes);
    default:
      return bytes;
  }
}

/** How many bytes content has when it is decoded, by the number of its encoded ones. */
export function decodedSize(encodedBytes: number, encoding = ""): number {
  // Lines have 76 characters and a line end, and four characters are three bytes.
  return encodingName(encoding) === "base64" ? Math.floor((((encodedBytes * 76) / 78) * 3) / 4) : encodedBytes;
}

/** Comments and quotation marks around the name do not count. */
function encodingName(encoding: string): string {
  return /[a-z0-9-]{4,}/.exec(encoding.toLowerCase())?.[0] ?? "";
}

/** A first line with spaces between words is not encoded, whatever its sender declares. */
function isBase64(bytes: Uint8Array): boolean {
  const [line = ""] = latin1(bytes.subarray(0, 1000)).trimStart().split("\n", 1);
  return !line.trim().includes(" ");
}

/** Characters that are none of base64 are left out. Some programs pad each line; behind padding, what is no base64 is no content. */
export function decodeBase64(bytes: Uint8Array): Uint8Array {
  const text = latin1(bytes);
  if (!text.includes("=")) return Buffer.from(onlyBase64(text), "base64");
  const [first = "", ...rest] = text.split(/=+/);
  const end = rest.findIndex((unit) => /[^A-Za-z0-9+/\s]/.test(unit));
  const units = [first, ...(end === -1 ? rest : rest.slice(0, end))];
  return Buffer.concat(units.map((unit) => Buffer.from(onlyBase64(unit), "base64")));
}

function onlyBase64(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9+/]+/g, "");
}

const [tab, lineFeed, carriageReturn, space, equals] = [0x09, 0x0a, 0x0d, 0x20, 0x3d];

/** What follows `=` and is neither two hexadecimal digits nor the end of a line stays as it stands. */
export function decodeQuotedPrintable(bytes: Uint8Array): Uint8Array {
  const buffer = bufferOf(bytes);
  const decoded = Buffer.allocUnsafe(buffer.length);
  let length = 0;
  let at = 0;
  while (at < buffer.length) {
    const byte = buffer[at] ?? 0;
    if (byte === equals) {
      const lineEnd = endOfBlankLine(buffer, at + 1);
      const value = lineEnd === undefined ? hexAt(buffer, at + 1) : undefined;
      if (lineEnd !== undefined) at = lineEnd;
      else if (value === undefined) {
        decoded[length++] = byte;
        at += 1;
      } else {
        decoded[length++] = value;
        at += 3;
      }
    } else {
      decoded[length++] = byte;
      at += 1;
    }
  }
  return decoded.subarray(0, length);
}

/** Behind the end of the line when only white space comes before it. Few programs put any there. */
function endOfBlankLine(buffer: Buffer, from: number): number | undefined {
  let at = from;
  while (at - from < 100 && (buffer[at] === space || buffer[at] === tab)) at += 1;
  if (at >= buffer.length || buffer[at] === lineFeed) return Math.min(at + 1, buffer.length);
  if (buffer[at] !== carriageReturn) return undefined;
  return buffer[at + 1] === lineFeed ? at + 2 : at + 1;
}

function hexAt(buffer: Buffer, at: number): number | undefined {
  const [high, low] = [hexDigit(buffer[at]), hexDigit(buffer[at + 1])];
  return high === undefined || low === undefined ? undefined : high * 16 + low;
}

function hexDigit(byte = 0): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : undefined;
}
