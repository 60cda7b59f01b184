import type { IncomingMessage, ServerResponse } from "node:http";
import { joinBytes, mostDiscardedBytes } from "@statewave-connectors/connector-sdk/receive";
import type { BodyLimits, BodyReading } from "./body-reading.ts";

/**
 * Reads a body whole, within its limits. A declared length is judged and reserved before the first byte is read; a chunked body as it
 * arrives. The bytes have a buffer of their own: no shared pool stays in memory while the event waits.
 */
export function readBody(incoming: IncomingMessage, outgoing: ServerResponse, limits: BodyLimits): Promise<BodyReading> {
  const { maxBytes, reservation } = limits;
  // node:http has checked that it is one number; that it is the truth, its parser enforces.
  const declaredBytes = Number(incoming.headers["content-length"] ?? 0);
  if (declaredBytes > maxBytes) return Promise.resolve({ type: "too_large" });
  if (!reservation.growTo(declaredBytes)) return Promise.resolve({ type: "no_room" });
  if (incoming.headers.expect !== undefined) outgoing.writeContinue();
  // Not Promise.withResolvers: on the hot path the closure is measurably cheaper.
  return new Promise((resolve) => collect(incoming, limits, resolve));
}

function collect(incoming: IncomingMessage, limits: BodyLimits, resolve: (reading: BodyReading) => void): void {
  const { maxBytes, timeoutMs, clock, reservation } = limits;
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
  incoming.on("end", () => settle({ type: "complete", body: ownBytes(chunks, size) }));
  // A listener for `error` has to stay: without one, a connection that breaks would be thrown as an uncaught error.
  incoming.on("error", () => settle({ type: "gone" }));
  incoming.on("close", () => settle({ type: "gone" }));
}

/** Reads what is left of a body and keeps nothing of it, up to a limit: a client that still sends may not read its answer. */
export function discardBody(
  incoming: IncomingMessage,
  { timeoutMs, clock }: Pick<BodyLimits, "timeoutMs" | "clock">,
): Promise<void> {
  // A client that waits for 100 Continue gets the final answer instead.
  if (incoming.complete || incoming.destroyed || incoming.headers.expect !== undefined) return Promise.resolve();
  return new Promise((resolve) => {
    let left = mostDiscardedBytes;
    const end = () => {
      cancelTimeout();
      incoming.pause();
      resolve();
    };
    const cancelTimeout = clock.after(timeoutMs, end);
    incoming.on("data", (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) end();
    });
    for (const event of ["end", "error", "close"]) incoming.on(event, end);
    incoming.resume();
  });
}

function ownBytes(chunks: readonly Buffer[], sizeBytes: number): Uint8Array {
  const [only] = chunks;
  // A body that came in one piece lies in a buffer of its own already: the parser copies it out of the socket's.
  if (chunks.length === 1 && only !== undefined && only.buffer.byteLength === sizeBytes) return new Uint8Array(only.buffer);
  return joinBytes(chunks, sizeBytes);
}
