import { type Clock, systemClock } from "../contract/clock.ts";
import { ConnectorsError } from "../contract/errors.ts";
import { openedFault } from "../contract/opened-fault.ts";
import type { PushReceiver, Received, ReceivedRequest, Respond } from "../contract/receiver.ts";
import { refused } from "../contract/refused.ts";
import { bodyTooLarge } from "./answers.ts";
import { requireReceived, requireRespond, requireText, requireVerdict } from "./check-decision.ts";
import { formField, isFormType } from "./form-payload.ts";

/** What bounds a decision. */
export interface DecisionLimits {
  /** For the deadline of `verify`. Default: the machine's. */
  readonly clock?: Clock;
  /** Of the payload of a form. Default: none. */
  readonly maxBodyBytes?: number;
}

const verifyTimeoutMs = 3_000;

/** Left by a verifier that answered at once, for the next request: one signal for each webhook costs time and garbage. */
let unusedDeadline: AbortController | undefined;

/**
 * Decides what becomes of a request, for a declared receiver and for one with `receive`. Returns a promise only if the receiver does.
 * Throws what the receiver throws, `PUSH_VERIFY_TIMEOUT` (retryable), `PUSH_DECISION_INVALID` and `PUSH_BAD_RESPONSE`.
 */
export function decideWebhook(
  receiver: PushReceiver,
  request: ReceivedRequest,
  limits: DecisionLimits = {},
): Received | Promise<Received> {
  const unverified = requireRespond(receiver.respondUnverified?.(request), "respondUnverified");
  if (unverified !== undefined) return unverified;
  if (receiver.verify === undefined) return decideVerified(receiver, request);
  const deadline = unusedDeadline ?? new AbortController();
  unusedDeadline = undefined;
  const verdict = receiver.verify(request, deadline.signal);
  if (isPromise(verdict))
    return inTime(verdict, deadline, limits).then((answered) => decideBy(answered, receiver, request, limits));
  unusedDeadline = deadline;
  return decideBy(verdict, receiver, request, limits);
}

/** `verdict`: what `verify` answered. */
function decideBy(
  verdict: unknown,
  receiver: PushReceiver,
  request: ReceivedRequest,
  { maxBodyBytes }: DecisionLimits,
): Received | Promise<Received> {
  const refusal = requireVerdict(verdict);
  return refusal === undefined ? decideVerified(receiver, request, maxBodyBytes) : refused(refusal);
}

/**
 * Throws `PUSH_RECEIVER_UNVERIFIED` for a receiver that would take deliveries of anyone, and `PUSH_RECEIVER_INVALID` for one with a member
 * of another form.
 */
export function assertVerifies(receiver: PushReceiver): void {
  const fault = openedFault(receiver, "push");
  if (fault !== undefined) {
    throw new ConnectorsError({
      code: "PUSH_RECEIVER_INVALID",
      message: `the receiver is ${fault}`,
      hint: "update the connector, or report this to its author",
    });
  }
  const { verify, form } = receiver;
  if (verify !== undefined || (receiver.receive !== undefined && form === undefined)) return;
  throw new ConnectorsError({
    code: "PUSH_RECEIVER_UNVERIFIED",
    message: form === undefined ? "the receiver has neither `verify` nor `receive`" : "the receiver has a `form` and no `verify`",
    hint: "declare `verify`",
  });
}

function isPromise<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return typeof value === "object" && value !== null && "then" in value;
}

function inTime<Verdict>(
  verdict: Promise<Verdict>,
  deadline: AbortController,
  { clock = systemClock }: DecisionLimits,
): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(verifyTimeoutMs, () => {
      deadline.abort();
      const message = `the sender could not be verified within ${verifyTimeoutMs / 1_000} s`;
      reject(new ConnectorsError({ code: "PUSH_VERIFY_TIMEOUT", message, retryable: true }));
    });
    verdict.then(resolve, reject).finally(cancel);
  });
}

function decideVerified(receiver: PushReceiver, sent: ReceivedRequest, maxBodyBytes = Infinity): Received | Promise<Received> {
  const payload = payloadOf(receiver, sent);
  if (payload === undefined) return decidePayload(receiver, sent);
  if (payload.byteLength > maxBodyBytes) return { type: "respond", response: bodyTooLarge(maxBodyBytes) };
  const received = decidePayload(receiver, { ...sent, body: payload });
  return isPromise(received) ? received.then((each) => withBody(each, payload)) : withBody(received, payload);
}

/** Undefined: the body is the payload. A signed body decides, not only a header that is not signed. */
function payloadOf({ form }: PushReceiver, { headers, body }: ReceivedRequest): Uint8Array | undefined {
  if (form === undefined) return undefined;
  const start = Buffer.from(`${form.field}=`);
  const isForm = isFormType(headers["content-type"]) || Buffer.compare(body.subarray(0, start.length), start) === 0;
  return isForm ? formField(body, form.field) : undefined;
}

function withBody(received: Received, body: Uint8Array): Received {
  return received.type === "event" ? { body, ...received } : received;
}

function decidePayload(receiver: PushReceiver, request: ReceivedRequest): Received | Promise<Received> {
  if (receiver.receive === undefined) return requireRespond(receiver.respond?.(request), "respond") ?? toStore(receiver, request);
  const decided = receiver.receive(request);
  return isPromise(decided) ? decided.then((each) => requireReceived(each, "receive")) : requireReceived(decided, "receive");
}

const maxIdLength = 255;
const maxHeaderLength = 1_024;

function toStore(receiver: PushReceiver, request: ReceivedRequest): Exclude<Received, Respond> {
  const identified = requireText(receiver.identify?.(request), "identify");
  const id = identified !== undefined && identified !== "" && identified.length <= maxIdLength ? { id: identified } : {};
  if (receiver.stores === "trigger") {
    const part = requireText(receiver.partOf?.(request), "partOf");
    return { type: "trigger", ...id, ...(part === undefined ? {} : { part }) };
  }
  if (receiver.storedHeaders === undefined) return { type: "event", ...id };
  return { type: "event", ...id, headers: pick(request.headers, receiver.storedHeaders) };
}

function pick(headers: ReceivedRequest["headers"], names: readonly string[]): Readonly<Record<string, string>> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined) picked[name] = value.slice(0, maxHeaderLength);
  }
  return picked;
}
