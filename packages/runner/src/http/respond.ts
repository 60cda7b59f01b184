import type { IncomingMessage, ServerResponse } from "node:http";
import type { ReceiverResponse } from "@statewave-connectors/connector-sdk";
import { sendableResponse } from "@statewave-connectors/connector-sdk/receive";
import type { BytesResponse } from "./route.ts";

/**
 * Sends an answer, whole, in one write. When a part of the request's body is still on its way, the connection is closed after it, so that
 * the rest is not read. A client that has gone away is no error.
 */
export function respond(outgoing: ServerResponse, response: ReceiverResponse | BytesResponse): void {
  if (outgoing.headersSent) return;
  if (hasUnreadBody(outgoing.req)) outgoing.setHeader("connection", "close");
  if ("bytes" in response) {
    const { status, headers, bytes } = response;
    outgoing.writeHead(status, {
      ...sendableResponse({ status, headers }).headers,
      "content-length": String(bytes.byteLength),
      "x-content-type-options": "nosniff",
    });
    outgoing.end(bytes);
    return;
  }
  if (response.headers === undefined && response.body === undefined && response.status === 200) {
    // What nearly every webhook gets.
    outgoing.writeHead(200, { "content-length": "0" });
    outgoing.end();
    return;
  }
  const { status, headers, body } = sendableResponse(response);
  // RFC 9110 §8.6: a 204 has no length, and a 304's would be that of something else.
  if (status !== 204 && status !== 304) headers["content-length"] = String(Buffer.byteLength(body ?? ""));
  if (body !== undefined) headers["x-content-type-options"] ??= "nosniff";
  outgoing.writeHead(status, headers);
  outgoing.end(body);
}

function hasUnreadBody(incoming: IncomingMessage): boolean {
  if (incoming.complete) return false;
  const { "content-length": length = "0", "transfer-encoding": encoding } = incoming.headers;
  return encoding !== undefined || Number(length) > 0;
}
