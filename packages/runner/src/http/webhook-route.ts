import {
  type Clock,
  ConnectorsError,
  type Logger,
  type PushReceiver,
  type ReceivedRequest,
  type ReceiverResponse,
  type SourceKey,
} from "@statewave-connectors/connector-sdk";
import { formatSourceKey, type Telemetry, type TracedSpan } from "@statewave-connectors/connector-sdk/host";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import {
  bodyTooLarge,
  defaultReceiverMethods,
  internalError,
  isStored,
  jsonAnswer,
  methodNotAllowed,
  receiveAndStore,
  type ReceiptOutcome,
  unavailable,
  type WebhookIntake,
  wireLimitBytes,
} from "@statewave-connectors/connector-sdk/receive";
import { type BodyBudget, BodyReservation } from "./body-budget.ts";
import type { BodyReading } from "./body-reading.ts";
import type { Exchange, Route } from "./route.ts";
import { ThrottledLog } from "../logging/throttled-log.ts";

/** A receiver and the path it answers on. */
export interface Mount {
  readonly source: SourceKey;
  /** `/<kind>/<name>/events`. */
  readonly path: string;
  readonly receiver: PushReceiver;
  readonly accept: Inbox["accept"];
  /** Default: the server's. */
  readonly maxBodyBytes?: number;
  /** Whether an operator has paused it: then every request gets 503, and its provider sends the event again. Default: never. */
  readonly isPaused?: () => boolean;
}

/** A provider that heeds it sends again within this time of a resume. */
const pausedRetryAfterSeconds = 30;

/** Counts what happens at one mount. */
export interface WebhookObserver {
  /** A request arrived, whatever becomes of it. */
  received(): void;
  /** It was answered. A client that left before its body was whole gets no answer. */
  answered(status: number, durationMs: number, outcome: WebhookOutcome, because?: AnswerReason): void;
}

/** Why the receiver stored nothing. */
export type AnswerReason = Pick<ReceiptOutcome, "refusal" | "ignored" | "event">;

/** `not_taken`: answered before the receiver was called, for its method, its size or its slowness, or because too many bodies are in flight. */
export type WebhookOutcome = ReceiptOutcome["outcome"] | "not_taken";

export interface WebhookContext {
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
  readonly answerTimeoutMs: number;
  readonly budget: BodyBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observe: (source: SourceKey) => WebhookObserver;
  readonly onFailure?: (error: unknown, source?: SourceKey) => void;
  /** Default: nothing is traced. */
  readonly telemetry?: Telemetry | undefined;
}

interface WebhookAnswer extends AnswerReason {
  readonly response: ReceiverResponse;
  readonly outcome: WebhookOutcome;
  readonly error?: unknown;
}

/** The route of one mount: read the body within its limits, let the receiver verify and the inbox store it, answer. */
export function webhookRoute(mount: Mount, context: WebhookContext): Route {
  const { source, receiver, maxBodyBytes = context.maxBodyBytes } = mount;
  const { clock } = context;
  const intake = { ...mount, clock, maxBodyBytes };
  const methods = receiver.methods ?? defaultReceiverMethods;
  const observer = context.observe(source);
  const logger = context.logger.child({ ...source });
  const logFailure = failureLog(logger, clock);

  const handle = async (exchange: Exchange, span?: TracedSpan) => {
    const receivedAtMs = clock.now();
    observer.received();
    const early = answerBeforeBody(mount, exchange, methods);
    const answer = early === undefined ? await take(intake, context, exchange, receivedAtMs) : notTaken(early);
    if (answer === undefined) return;
    if (answer.outcome === "failed" || answer.outcome === "unavailable") {
      logFailure(answer.outcome, answer.error);
      context.onFailure?.(answer.error, source);
    }
    const statusCode = exchange.send(answer.response);
    if (statusCode !== answer.response.status) logFailure("failed", impossibleStatus(answer.response.status));
    span?.set({ "http.response.status_code": statusCode, "statewave.outcome": answer.outcome });
    const { ignored, event } = answer;
    if (ignored !== undefined)
      logger.debug("a genuine webhook is not stored", { reason: ignored, ...(event !== undefined && { event }) });
    observer.answered(statusCode, Math.max(0, clock.now() - receivedAtMs), answer.outcome, answer);
  };
  const { telemetry } = context;
  if (telemetry === undefined) return handle;
  const name = formatSourceKey(source);
  // A `traceparent` of the request is ignored: until its signature is verified, anyone may have sent it.
  const options = { kind: "server", attributes: { "statewave.source": name } } as const;
  return (exchange) => telemetry.span(`webhook ${name}`, options, (span) => handle(exchange, span));
}

/** What is answered before the body is read. */
function answerBeforeBody(mount: Mount, { method }: Exchange, methods: readonly string[]): ReceiverResponse | undefined {
  if (!methods.includes(method)) return methodNotAllowed(methods);
  if (mount.isPaused?.() !== true) return undefined;
  return unavailable(`${formatSourceKey(mount.source)} is paused`, pausedRetryAfterSeconds);
}

/** Undefined: the client is gone, and nothing was stored. */
async function take(
  intake: Required<WebhookIntake>,
  context: WebhookContext,
  exchange: Exchange,
  receivedAtMs: number,
): Promise<WebhookAnswer | undefined> {
  const { receiver, maxBodyBytes, clock } = intake;
  const headers = singleHeaders(exchange.headers);
  const maxBytes = wireLimitBytes(receiver, maxBodyBytes, headers["content-type"]);
  const reservation = new BodyReservation(context.budget);
  const { bodyTimeoutMs: timeoutMs } = context;
  const reading = await exchange.readBody({ maxBytes, timeoutMs, clock, reservation });
  const isDecidedByHead = reading.type === "too_large" && receiver.provesByHead === true;
  if (reading.type !== "complete" && !isDecidedByHead) {
    reservation.release();
    return unread(reading, maxBodyBytes);
  }
  const { method, target: path } = exchange;
  const body = reading.type === "complete" ? reading.body : new Uint8Array();
  const request = { method, path, headers, body, receivedAtMs };
  // Even when the answer was sent before because storing took too long: the body is held until it is stored.
  const onEnd = () => reservation.release();
  const answer = await withinAnswerTime(receiveAndStore(intake, request), onEnd, intake.source, context);
  if (isDecidedByHead && isStored(answer)) await exchange.discardBody({ timeoutMs, clock });
  return answer;
}

function unread(reading: Exclude<BodyReading, { type: "complete" }>, maxBytes: number): WebhookAnswer | undefined {
  switch (reading.type) {
    case "too_large":
      return notTaken(bodyTooLarge(maxBytes));
    case "no_room":
      return notTaken(unavailable("too many request bodies are in flight"));
    case "timed_out":
      return notTaken(jsonAnswer(408, { error: "request_timeout" }));
    case "gone":
      return undefined;
    case "unreadable":
      return { response: internalError(), outcome: "failed", error: reading.error };
  }
}

function notTaken(response: ReceiverResponse): WebhookAnswer {
  return { response, outcome: "not_taken" };
}

/**
 * An inbox that does not answer in time counts as unreachable: 503. Should it store the event after all, the provider's repeat is a
 * duplicate. Not with `within`: on the hot path a timer is enough, and the receiver has no use for a signal.
 */
function withinAnswerTime(
  receipt: Promise<ReceiptOutcome>,
  onEnd: () => void,
  source: SourceKey,
  { clock, answerTimeoutMs }: WebhookContext,
): Promise<ReceiptOutcome> {
  return new Promise((resolve) => {
    const cancel = clock.after(answerTimeoutMs, () => {
      const message = `${formatSourceKey(source)}: the inbox did not answer within ${answerTimeoutMs / 1000} s`;
      const error = new ConnectorsError({ code: "INBOX_UNAVAILABLE", message, retryable: true });
      resolve({
        response: unavailable(`${formatSourceKey(source)} cannot store events right now`),
        outcome: "unavailable",
        error,
      });
    });
    void receipt.then((outcome) => {
      onEnd();
      cancel();
      resolve(outcome);
    });
  });
}

/** As received, but always strings: of this one header alone node:http keeps repeats as a list. */
function singleHeaders(headers: Exchange["headers"]): ReceivedRequest["headers"] {
  const cookies = headers["set-cookie"];
  const single = headers as ReceivedRequest["headers"];
  return Array.isArray(cookies) ? { ...single, "set-cookie": cookies.join(", ") } : single;
}

function impossibleStatus(status: number): ConnectorsError {
  return new ConnectorsError({
    code: "PUSH_BAD_RESPONSE",
    message: `the receiver answered with status ${status}, which HTTP does not have`,
  });
}

/** How long further failures of one kind are only counted. */
const failureLogIntervalMs = 10_000;

function failureLog(logger: Logger, clock: Clock): (outcome: "failed" | "unavailable", error: unknown) => void {
  const throttled = new ThrottledLog<string>(clock, failureLogIntervalMs);
  return (outcome, error) =>
    throttled.log(outcome, (suppressed) => {
      const fields = { error, ...(suppressed === 0 ? {} : { suppressed }) };
      if (outcome === "unavailable") logger.warn("webhook answered 503, the provider will send it again", fields);
      else logger.error("webhook receiver failed", fields);
    });
}
