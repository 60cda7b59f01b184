import { bodyTooLarge, internalError, jsonAnswer, methodNotAllowed, sendableResponse, unavailable } from "./answers.ts";
import { type Clock, systemClock } from "../contract/clock.ts";
import { isConnectorsError } from "../contract/errors.ts";
import { redact } from "../secrets/known-secrets.ts";
import type { Inbox } from "../inbox/inbox.ts";
import type { PushReceiver, Received, ReceivedRequest, ReceiverResponse } from "../contract/receiver.ts";
import { readRequestBody, type RequestBodyReading } from "./read-request-body.ts";
import type { Refusal } from "../contract/refusal.ts";
import { formatSourceKey, type SourceKey } from "../contract/source.ts";

export interface FetchHandlerOptions {
  readonly source: SourceKey;
  readonly receiver: PushReceiver;
  /** Where a verified event is stored before the answer: an inbox, or a function that resolves once it is safe. */
  readonly accept: Inbox["accept"];
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Bytes; a larger body is answered 413 before it is buffered. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Called with what made an answer 500 or 503; the answer itself never shows it. What it throws is ignored. */
  readonly onError?: (error: unknown, source: SourceKey) => void;
}

/** The methods that a receiver without `methods` answers. */
export const defaultReceiverMethods: readonly string[] = ["POST"];

/**
 * A push receiver without the runner: a plain `(Request) => Promise<Response>` for any server or serverless platform.
 * It verifies, stores and answers exactly as the runner does: 405 for other methods, 413 for too large a body, 503 with Retry-After
 * when `accept` throws a retryable error, 500 without details for anything else that throws. Pass `onError` to see the details.
 */
export function toFetchHandler(options: FetchHandlerOptions): (request: Request) => Promise<Response> {
  const { receiver, clock = systemClock, maxBodyBytes = 1024 * 1024 } = options;
  const methods = receiver.methods ?? defaultReceiverMethods;
  return async (request) => {
    if (!methods.includes(request.method)) return toResponse(methodNotAllowed(methods));
    const receivedAtMs = clock.now();
    const reading = await readRequestBody(request, { maxBytes: maxBodyBytes, signal: request.signal });
    if (reading.type !== "complete") return toResponse(answerUnread(reading, options));
    const { pathname, search } = new URL(request.url);
    const receipt = await receiveAndStore(options, {
      method: request.method,
      path: pathname + search,
      headers: Object.fromEntries(request.headers),
      body: reading.body,
      receivedAtMs,
    });
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
    onError?.(error, source);
  } catch {
    // The webhook has its answer; a hook that fails must not change it.
  }
}

/** What became of a request, for the one who counts. */
export interface ReceiptOutcome {
  readonly response: ReceiverResponse;
  readonly outcome: "fresh" | "duplicate" | "responded" | "unavailable" | "failed";
  /** Why the sender was refused. */
  readonly refusal?: Refusal;
  /** Why a genuine event was not stored. */
  readonly ignored?: string;
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
    if (received.type === "respond") return responded(received);
    const { receivedAtMs, body } = request;
    const id = received.id === undefined ? {} : { id: received.id };
    const outcome = await accept(
      received.type === "event"
        ? { type: "event", source, ...id, headers: storableHeaders(received.headers), body, receivedAtMs }
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

/** Shorter values are words such as the name of an event, which a weak secret could equal. */
const shortestMaskedHeaderLength = 16;

/** A connector names what it needs to map the event, and never a credential; what it names by mistake is masked before it is stored. */
function storableHeaders(headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    value.length < shortestMaskedHeaderLength ? value : redact(value),
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, string>>;
}

function responded({ response, refusal, ignored }: Extract<Received, { type: "respond" }>): ReceiptOutcome {
  const because = refusal ?? (response.status === 401 || response.status === 403 ? otherRefusal : undefined);
  return {
    response,
    outcome: "responded",
    ...(because === undefined ? {} : { refusal: because }),
    ...(ignored === undefined ? {} : { ignored }),
  };
}

const otherRefusal: Refusal = { reason: "other" };

function toResponse(response: ReceiverResponse): Response {
  const { status, headers, body } = sendableResponse(response);
  return new Response(body ?? null, { status, headers });
}
