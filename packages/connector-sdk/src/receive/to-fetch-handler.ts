import { systemClock } from "../contract/clock.ts";
import type { ReceiverResponse } from "../contract/receiver.ts";
import type { SourceKey } from "../contract/source.ts";
import { bodyTooLarge, internalError, jsonAnswer, methodNotAllowed, sendableResponse } from "./answers.ts";
import { wireLimitBytes } from "./body-limit.ts";
import { assertVerifies } from "./decide-webhook.ts";
import { discardRequestBody, readRequestBody, type RequestBodyReading } from "./read-request-body.ts";
import { isStored, receiveAndStore, type WebhookIntake } from "./receive-and-store.ts";

/** `maxBodyBytes` is 1 MiB by default. */
export interface FetchHandlerOptions extends WebhookIntake {
  /** Called with what made an answer 500 or 503; the answer itself never shows it. What it throws or rejects with is ignored. */
  readonly onError?: (error: unknown, source: SourceKey) => unknown;
}

/** The methods that a receiver without `methods` answers. */
export const defaultReceiverMethods: readonly string[] = ["POST"];

/**
 * A receiver without the runner: a plain `(Request) => Promise<Response>` for any server or serverless platform.
 * It verifies, stores and answers exactly as the runner does: 405 for other methods, 413 for too large a body, 503 with Retry-After
 * when `accept` throws or the sender cannot be verified right now, 500 without details when the receiver throws. Pass `onError` to see the details.
 */
export function toFetchHandler(options: FetchHandlerOptions): (request: Request) => Promise<Response> {
  const { receiver, clock = systemClock, maxBodyBytes = 1024 * 1024 } = options;
  const methods = receiver.methods ?? defaultReceiverMethods;
  const intake = { ...options, maxBodyBytes };
  assertVerifies(receiver);
  return async (request) => {
    if (!methods.includes(request.method)) return toResponse(methodNotAllowed(methods));
    const receivedAtMs = clock.now();
    const maxBytes = wireLimitBytes(receiver, maxBodyBytes, request.headers.get("content-type") ?? undefined);
    const reading = await readRequestBody(request, { maxBytes, signal: request.signal });
    const isDecidedByHead = reading.type === "too_large" && receiver.provesByHead === true;
    if (reading.type !== "complete" && !isDecidedByHead) return toResponse(answerUnread(reading, options));
    const { pathname, search } = new URL(request.url);
    const receipt = await receiveAndStore(intake, {
      method: request.method,
      path: pathname + search,
      headers: Object.fromEntries(request.headers),
      body: reading.type === "complete" ? reading.body : new Uint8Array(),
      receivedAtMs,
    });
    if (isDecidedByHead && isStored(receipt)) await discardRequestBody(request, request.signal);
    if (receipt.error !== undefined) report(options, receipt.error);
    return toResponse(receipt.response);
  };
}

function answerUnread(
  reading: Exclude<RequestBodyReading, { type: "complete" }>,
  options: FetchHandlerOptions,
): ReceiverResponse {
  if (reading.type === "too_large") return bodyTooLarge(options.maxBodyBytes ?? 1024 * 1024);
  if (reading.type !== "unreadable") return jsonAnswer(400, { error: "request_aborted" });
  report(options, reading.error);
  return internalError();
}

function report({ onError, source }: FetchHandlerOptions, error: unknown): void {
  try {
    const returned = onError?.(error, source);
    if (returned instanceof Promise) returned.catch(() => undefined);
  } catch {
    // The webhook has its answer; a hook that fails must not change it.
  }
}

function toResponse(response: ReceiverResponse): Response {
  const { status, headers, body } = sendableResponse(response);
  return new Response(body ?? null, { status, headers });
}
