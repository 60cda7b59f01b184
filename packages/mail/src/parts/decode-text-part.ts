import { cleanText, htmlToText } from "@statewave-connectors/connector-sdk/text";
import { decodeCharset } from "../charset/decode-charset.ts";
import { latin1 } from "../charset/latin1.ts";
import { summarizeCalendar } from "../body/calendar.ts";
import { withoutArmor } from "../body/protection.ts";
import { parseParameters } from "../headers/parameters.ts";
import { mailLimits } from "../mail-limits.ts";
import { joinFlowed } from "./flowed-text.ts";
import { decodeTransfer } from "./transfer-encoding.ts";

/** How a text is declared. */
export interface TextPartOptions {
  /** Wins over the one in `contentType`. */
  readonly charset?: string | undefined;
  /** `base64`, `quoted-printable`, or any other for none. */
  readonly encoding?: string | undefined;
  /** With its parameters, as in the header. Default: `text/plain`. */
  readonly contentType?: string | undefined;
  /** Whether `bytes` are only the beginning of the part. */
  readonly isCut?: boolean | undefined;
  /** More bytes are not read. Default: 1 MiB. */
  readonly maxBytes?: number | undefined;
}

/**
 * What a reader sees of a text: its encodings undone, HTML as text, a calendar as one line. Never throws: what is declared wrongly is read
 * by what it is.
 */
export function decodeTextPart(bytes: Uint8Array, options: TextPartOptions = {}): string {
  const { charset, encoding, contentType = "text/plain", isCut = false, maxBytes = mailLimits.maxTextBytes } = options;
  const { value, parameters } = parseParameters(contentType);
  const content = decodeTransfer(bytes.subarray(0, maxBytes), encoding);
  const isHtml = value === "text/html" || value === "application/xhtml+xml";
  const declared = charset ?? parameters["charset"] ?? (isHtml ? charsetInHtml(content) : undefined);
  const text = cleanText(decodeCharset(content, declared, isCut || bytes.length > maxBytes).replaceAll(/\r\n?/g, "\n"));
  if (isHtml) return htmlToText(text).trim();
  if (value === "text/calendar") return summarizeCalendar(text);
  const isFlowed = parameters["format"]?.toLowerCase() === "flowed";
  return withoutArmor(isFlowed ? joinFlowed(text, parameters["delsp"]?.toLowerCase() === "yes") : text).trim();
}

/** What an HTML page says about itself, where the part says nothing. */
function charsetInHtml(content: Uint8Array): string | undefined {
  const beginning = latin1(content.subarray(0, 1024)).toLowerCase();
  const at = beginning.indexOf("charset=");
  return at === -1 ? undefined : /^["']?([a-z0-9_-]{1,40})/.exec(beginning.slice(at + "charset=".length))?.[1];
}
