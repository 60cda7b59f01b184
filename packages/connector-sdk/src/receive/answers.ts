import type { ReceiverResponse } from "../contract/receiver.ts";

/** An answer with a JSON body. */
export function jsonAnswer(status: number, body: unknown, headers?: Readonly<Record<string, string>>): ReceiverResponse {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

/** 405 with the Allow header that goes with it. */
export function methodNotAllowed(methods: readonly string[]): ReceiverResponse {
  return jsonAnswer(405, { error: "method_not_allowed" }, { allow: methods.join(", ") });
}

/** 413; `limitBytes` says what would have been accepted. */
export function bodyTooLarge(limitBytes: number): ReceiverResponse {
  return jsonAnswer(413, { error: "body_too_large", limit_bytes: limitBytes });
}

/** 503 with Retry-After: the provider still has the event and sends it again. */
export function unavailable(hint: string, retryAfterSeconds = 5): ReceiverResponse {
  return jsonAnswer(503, { error: "unavailable", hint }, { "retry-after": String(retryAfterSeconds) });
}

/** 500 without details: what went wrong is the log's business, not the caller's. */
export function internalError(): ReceiverResponse {
  return jsonAnswer(500, { error: "internal_error" });
}

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// RFC 9110 §5.5: visible characters, spaces and tabs; no CR, LF or NUL, which would let a value end the header.
const headerValue = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;
/** How a message is framed is the server's to say: a wrong length here would let one answer run into the next. */
const framingHeaders = new Set(["connection", "content-length", "keep-alive", "trailer", "transfer-encoding", "upgrade"]);

/**
 * The response as it can be sent over HTTP: header names in lower case, headers that would break the message left out, an impossible
 * status turned into 500, no body where the status forbids one. What a receiver passes on from outside thus cannot forge a response.
 */
export function sendableResponse(response: ReceiverResponse): ReceiverResponse & { readonly headers: Record<string, string> } {
  const possible = Number.isInteger(response.status) && response.status >= 200 && response.status <= 599;
  if (!possible) return sendableResponse(internalError());
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers ?? {})) {
    const lowerName = name.toLowerCase();
    if (headerName.test(name) && headerValue.test(value) && !framingHeaders.has(lowerName)) headers[lowerName] = value;
  }
  // RFC 9110 §6.4.1: these carry no content, whatever was requested.
  const bodiless = response.status === 204 || response.status === 205 || response.status === 304;
  return { status: response.status, headers, ...(response.body === undefined || bodiless ? {} : { body: response.body }) };
}
