import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { STATUS_CODES } from "./node-http.ts";

/**
 * Answers what node:http could not make a request of, and closes the connection. A request before it that came whole still gets its own
 * answer first: no client gets a 400 for an event that was stored.
 */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex, underWay: ServerResponse | undefined): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  if (underWay?.headersSent === true) {
    socket.end();
    return;
  }
  if (underWay?.req.complete === true) {
    underWay.setHeader("connection", "close");
    return;
  }
  switch (error.code) {
    case "HPE_HEADER_OVERFLOW":
      endWith(socket, 431, "headers_too_large");
      return;
    case "ERR_HTTP_REQUEST_TIMEOUT":
      endWith(socket, 408, "request_timeout");
      return;
    default:
      endWith(socket, 400, "bad_request");
  }
}

/** We are no proxy. Without this listener node:http would close the connection without a word. */
export function refuseConnect(_request: unknown, socket: Duplex): void {
  socket.on("error", () => socket.destroy());
  endWith(socket, 405, "method_not_allowed");
}

function endWith(socket: Duplex, status: number, error: string): void {
  const body = JSON.stringify({ error });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "connection: close",
    "content-type: application/json",
    "x-content-type-options: nosniff",
    `content-length: ${body.length}`,
  ];
  // An answer this short fits the socket's buffer; a client that does not read it is not waited for.
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
