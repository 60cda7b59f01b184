import type { IncomingMessage } from "node:http";
import type { Clock } from "@statewave-connectors/connector-sdk";
import type { BodyReservation } from "./body-budget.ts";

export interface ReadBodyOptions {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly reservation: BodyReservation;
  /** Called once when the body will be read: the moment for `100 Continue`. */
  readonly onAdmitted: () => void;
}

/** How reading a body ended. Except after `complete` and `gone`, part of it may still be on its way: the connection has to be closed. */
export type BodyReading =
  | { readonly type: "complete"; readonly body: Uint8Array }
  | { readonly type: "too_large" }
  /** All bodies in flight together leave no room for this one. */
  | { readonly type: "no_room" }
  | { readonly type: "timed_out" }
  /** The client went away. */
  | { readonly type: "gone" };

/**
 * Reads a body whole, within its limits. A declared length is judged and reserved before the first byte is read; a chunked body as it
 * arrives. The bytes handed out are in a buffer of their own, so that an inbox may transfer it to another thread.
 */
export function readBody(incoming: IncomingMessage, options: ReadBodyOptions): Promise<BodyReading> {
  const { maxBytes, reservation } = options;
  // node:http has checked that it is one number; that it is the truth, its parser enforces.
  const declaredBytes = Number(incoming.headers["content-length"] ?? 0);
  if (declaredBytes > maxBytes) return Promise.resolve({ type: "too_large" });
  if (!reservation.growTo(declaredBytes)) return Promise.resolve({ type: "no_room" });
  options.onAdmitted();
  // Not Promise.withResolvers: on the hot path the closure is measurably cheaper.
  return new Promise((resolve) => collect(incoming, options, resolve));
}

function collect(incoming: IncomingMessage, options: ReadBodyOptions, resolve: (reading: BodyReading) => void): void {
  const { maxBytes, timeoutMs, clock, reservation } = options;
  const chunks: Buffer[] = [];
  let size = 0;
  let settled = false;
  const settle = (reading: BodyReading) => {
    if (settled) return;
    settled = true;
    cancelTimeout();
    if (reading.type !== "complete") incoming.pause();
    resolve(reading);
  };
  const cancelTimeout = clock.after(timeoutMs, () => settle({ type: "timed_out" }));
  incoming.on("data", (chunk: Buffer) => {
    if (settled) return;
    size += chunk.length;
    if (size > maxBytes) settle({ type: "too_large" });
    else if (!reservation.growTo(size)) settle({ type: "no_room" });
    else chunks.push(chunk);
  });
  incoming.on("end", () => settle({ type: "complete", body: joinChunks(chunks, size) }));
  // A listener for `error` has to stay: without one, a connection that breaks would be thrown as an uncaught error.
  incoming.on("error", () => settle({ type: "gone" }));
  incoming.on("close", () => settle({ type: "gone" }));
}

function joinChunks(chunks: readonly Buffer[], size: number): Uint8Array {
  const [only] = chunks;
  // A body that came in one piece lies in a buffer of its own already: the parser copies it out of the socket's.
  if (chunks.length === 1 && only !== undefined && only.buffer.byteLength === size) return new Uint8Array(only.buffer);
  // Not Buffer.concat: it may cut the result out of a pool shared with others.
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}
