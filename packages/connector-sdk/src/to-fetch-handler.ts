import { bodyTooLarge, internalError, methodNotAllowed, sendableResponse, unavailable } from "./answers.ts";
import type { Clock } from "./clock.ts";
import { isConnectorsError } from "./errors.ts";
import type { Inbox } from "./inbox.ts";
import type { PushReceiver, ReceivedRequest, ReceiverResponse } from "./push-receiver.ts";
import { formatSourceKey, type SourceKey } from "./source.ts";

export interface FetchHandlerOptions {
  readonly source: SourceKey;
  readonly receiver: PushReceiver;
  /** Where a verified event is stored before the answer: an inbox, or a function that resolves once it is safe. */
  readonly accept: Inbox["accept"];
  readonly clock: Clock;
  /** Bytes; a larger body is answered 413 before it is buffered. Default 1 MiB. */
  readonly maxBodyBytes?: number;
}

/** The methods that a receiver without `methods` answers. */
export const defaultReceiverMethods: readonly string[] = ["POST"];

/**
 * A push receiver without the runner: a plain `(Request) => Promise<Response>` for any server or serverless platform.
 * It verifies, stores and answers exactly as the runner does: 405 for other methods, 413 for too large a body, 503 with Retry-After
 * when `accept` throws a retryable error, 500 without details for anything else that throws.
 */
export function toFetchHandler(options: FetchHandlerOptions): (request: Request) => Promise<Response> {
  const { receiver, maxBodyBytes = 1024 * 1024 } = options;
  const methods = receiver.methods ?? defaultReceiverMethods;
  return async (request) => {
    if (!methods.includes(request.method)) return toResponse(methodNotAllowed(methods));
    const receivedAtMs = options.clock.now();
    const body = await readBody(request, maxBodyBytes);
    if (body === undefined) return toResponse(bodyTooLarge(maxBodyBytes));
    const url = new URL(request.url);
    const receipt = await receiveAndStore(options, {
      method: request.method,
      path: url.pathname + url.search,
      headers: Object.fromEntries(request.headers),
      body,
      receivedAtMs,
    });
    return toResponse(receipt.response);
  };
}

/** What became of a request, for the one who counts. */
export interface ReceiptOutcome {
  readonly response: ReceiverResponse;
  readonly outcome: "fresh" | "duplicate" | "responded" | "unavailable" | "failed";
  /** What was thrown, when the outcome is `unavailable` or `failed`. */
  readonly error?: unknown;
}

/** Verify, store, answer: the one order in which a webhook is taken. Never throws. */
export async function receiveAndStore(
  options: Pick<FetchHandlerOptions, "source" | "receiver" | "accept">,
  request: ReceivedRequest,
): Promise<ReceiptOutcome> {
  const { source, receiver, accept } = options;
  try {
    const received = await receiver.receive(request);
    if (received.type === "respond") return { response: received.response, outcome: "responded" };
    const { receivedAtMs, body } = request;
    const id = received.id === undefined ? {} : { id: received.id };
    const outcome = await accept(
      received.type === "event"
        ? { type: "event", source, ...id, headers: received.headers ?? {}, body, receivedAtMs }
        : { type: "trigger", source, ...id, receivedAtMs },
    );
    return { response: received.response ?? { status: 200 }, outcome };
  } catch (error) {
    if (isConnectorsError(error) && error.retryable) {
      return { response: unavailable(`${formatSourceKey(source)} cannot store events right now`), outcome: "unavailable", error };
    }
    return { response: internalError(), outcome: "failed", error };
  }
}

function toResponse(response: ReceiverResponse): Response {
  const { status, headers, body } = sendableResponse(response);
  return new Response(body ?? null, { status, headers });
}

/** The whole body, or undefined as soon as it is known to exceed the limit. Its bytes are its own, so that an inbox may transfer them. */
async function readBody(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return undefined;
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return joinBytes(chunks, size);
}

function joinBytes(chunks: readonly Uint8Array[], size: number): Uint8Array {
  // Not Buffer.concat: it may cut the result out of a pool shared with others.
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
