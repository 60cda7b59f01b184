import { cleanText, htmlToText } from "@statewave-connectors/connector-sdk/text";
import { decodeCharset } from "../charset/decode-charset.ts";
import { latin1 } from "../charset/latin1.ts";
import { summarizeCalendar } from "../body/calendar.ts";
import { summarizeDelivery, summarizeReceipt } from "../body/delivery-report.ts";
import { noteOf, smimeNote, unreadable, withoutArmor } from "../body/protection.ts";
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
 * What a reader sees of a part: its encodings undone, HTML as text, a calendar and a delivery report as one line, and of what only programs
 * can read what it is. Never throws: what is declared wrongly is read by what it is.
 */
export function decodeTextPart(bytes: Uint8Array, options: TextPartOptions = {}): string {
  const { charset, contentType = "text/plain", ...reading } = options;
  const { value, parameters } = parseParameters(contentType);
  return readTextPart(bytes, { ...reading, type: value, parameters, charset, fileName: parameters["name"] });
}

/** How a text is declared, with its content type taken apart. */
interface DeclaredText extends Omit<TextPartOptions, "contentType"> {
  /** Lower case, without parameters. */
  readonly type: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly fileName?: string | undefined;
}

/** As {@link decodeTextPart}. */
export function readTextPart(bytes: Uint8Array, declared: DeclaredText): string {
  const { type, parameters, encoding, isCut = false, maxBytes = mailLimits.maxTextBytes } = declared;
  const content = decodeTransfer(bytes.subarray(0, maxBytes), encoding);
  const said = describeContent(declared, content);
  if (said !== undefined) return said;
  const isHtml = type === "text/html" || type === "application/xhtml+xml";
  const named = declared.charset ?? parameters["charset"];
  const charset = isHtml && isDefault(named) ? (charsetInHtml(content) ?? named) : named;
  const text = cleanText(withLineFeeds(decodeCharset(content, charset, isCut || bytes.length > maxBytes)));
  if (isHtml) return htmlToText(text).trim();
  if (type === "text/calendar") return summarizeCalendar(text);
  const isFlowed = parameters["format"]?.toLowerCase() === "flowed";
  return withoutArmor(isFlowed ? joinFlowed(text, parameters["delsp"]?.toLowerCase() === "yes") : text).trim();
}

function withLineFeeds(text: string): string {
  const joined = text.includes("\r\n") ? text.replaceAll("\r\n", "\n") : text;
  return joined.includes("\r") ? joined.replaceAll("\r", "\n") : joined;
}

/** What stands in the place of content that is no text. Undefined for a text. */
function describeContent({ type, parameters, fileName = "" }: DeclaredText, content: Uint8Array): string | undefined {
  switch (type) {
    case "message/delivery-status":
    case "message/global-delivery-status":
      return summarizeDelivery(content);
    case "message/disposition-notification":
      return summarizeReceipt(content);
    case "application/pkcs7-mime":
    case "application/x-pkcs7-mime":
      return smimeNote(parameters["smime-type"], content.subarray(0, 200)) ?? "";
    case "application/pgp-encrypted":
      return unreadable.pgpEncrypted;
    default: {
      const note = noteOf(type, fileName);
      return note === undefined ? undefined : `[${note}]`;
    }
  }
}

/** IMAP servers name the default of MIME where a part names no charset. */
function isDefault(charset: string | undefined): boolean {
  return charset === undefined || /^\s*(?:us-)?ascii\s*$/i.test(charset);
}

/** What an HTML page says about itself, where the part says nothing. One that can be read so far is no UTF-16. */
function charsetInHtml(content: Uint8Array): string | undefined {
  const beginning = latin1(content.subarray(0, 1024)).toLowerCase();
  const at = beginning.indexOf("charset=");
  const charset = at === -1 ? undefined : /^["']?([a-z0-9_-]{1,40})/.exec(beginning.slice(at + "charset=".length))?.[1];
  return charset?.startsWith("utf-16") === true || charset === "unicode" ? undefined : charset;
}
