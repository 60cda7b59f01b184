import { isUtf8 } from "node:buffer";
import { type Fields, stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import { type MailHeaders, mailHeaders, type MailPart, parseParameters } from "@statewave-connectors/mail";

/** A message's headers and parts as `mail` reads them. */
export interface ReadParts {
  readonly headers: MailHeaders;
  readonly root: MailPart;
  /** The part as Gmail describes it. */
  readonly payloadOf: (part: MailPart) => Fields | undefined;
}

/** Deeper parts are left out: a hostile mail must not exhaust the stack. */
const maxDepth = 50;

/** What `format=full` says of a message. */
export function messageParts(message: { readonly payload?: unknown }): ReadParts {
  const payload = toFields(message.payload) ?? {};
  const payloads = new Map<MailPart, Fields>();
  const root = partOf(payload, payloads, 0);
  return { headers: headersOf(payload), root, payloadOf: (part) => payloads.get(part) };
}

function headersOf(payload: Fields | undefined): MailHeaders {
  const headers = toFieldsList(payload?.["headers"]).flatMap((header) => {
    const name = stringField(header, "name");
    return name === undefined ? [] : [{ name, value: stringField(header, "value") ?? "" }];
  });
  return mailHeaders(headers);
}

function partOf(payload: Fields, payloads: Map<MailPart, Fields>, depth: number): MailPart {
  const headers = headersOf(payload);
  const contentType = (stringField(payload, "mimeType") ?? "text/plain").toLowerCase();
  const { parameters } = parseParameters(headers.raw("content-type")[0] ?? "");
  const { value: disposition } = parseParameters(headers.raw("content-disposition")[0] ?? "");
  const body = toFields(payload["body"]);
  const size = body?.["size"];
  const content = contentOf(body);
  const children = depth < maxDepth ? toFieldsList(payload["parts"]) : [];
  const hasParts = children.length > 0 || contentType.startsWith("multipart/");
  const contentId = headers.raw("content-id")[0];
  const part: MailPart = {
    contentType,
    parameters: content !== undefined && isDecoded(content) ? { ...parameters, charset: "utf-8" } : parameters,
    ...(disposition !== "" && { disposition }),
    name: stringField(payload, "filename") ?? "",
    ...(contentId !== undefined && { contentId }),
    ...(typeof size === "number" && { sizeBytes: size }),
    ...(content !== undefined && { content }),
    // Of a message that is read without its parts, the multipart itself is no file.
    ...(hasParts && { parts: children.map((child) => partOf(child, payloads, depth + 1)) }),
    // Gmail shows the headers of a mail within the mail at its body.
    ...(contentType.startsWith("message/") && children[0] !== undefined && { headers: headersOf(children[0]) }),
  };
  payloads.set(part, payload);
  return part;
}

/** Gmail has undone the encoding for the way. */
function contentOf(body: Fields | undefined): Buffer | undefined {
  const data = body?.["data"];
  return typeof data === "string" ? Buffer.from(data, "base64url") : undefined;
}

/** Whether Gmail has made UTF-8 of the text, whatever its header says: no document says so, and no other charset looks like it. */
function isDecoded(content: Buffer): boolean {
  return isUtf8(content) && content.some((byte) => byte >= 0x80);
}
