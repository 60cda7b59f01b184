import { type MailHeaders, readHeaders } from "../src/index.ts";

/** A mail of lines: those of the headers, an empty one, and those of the body. Each character is one byte. */
export function rawMail(...lines: readonly string[]): Uint8Array {
  return Buffer.from(lines.join("\r\n"), "latin1");
}

/** The headers of a mail. */
export function headersOf(...lines: readonly string[]): MailHeaders {
  return readHeaders(rawMail(...lines, "", ""));
}
