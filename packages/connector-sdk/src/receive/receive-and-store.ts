import { isConnectorsError } from "../contract/errors.ts";
import type { PushReceiver, Received, ReceivedRequest, ReceiverResponse, Respond } from "../contract/receiver.ts";
import type { Refusal } from "../contract/refusal.ts";
import { formatSourceKey, type SourceKey } from "../contract/source.ts";
import { toError } from "../contract/thrown.ts";
import type { Clock } from "../contract/clock.ts";
import type { Inbox, InboxItem } from "../inbox/inbox.ts";
import { maskSecrets } from "../secrets/known-secrets.ts";
import { internalError, unavailable } from "./answers.ts";
import { decideWebhook } from "./decide-webhook.ts";
import { ignoredSample, isSample, sampleAnswer } from "./sample-mark.ts";

/** What a webhook is taken with. */
export interface WebhookIntake {
  readonly source: SourceKey;
  readonly receiver: PushReceiver;
  /** Where a verified event is stored before the answer: an inbox, or a function that resolves once it is safe. */
  readonly accept: Inbox["accept"];
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Bytes; a larger body is answered 413 before it is buffered. See `PushReceiver.form` for what it counts. */
  readonly maxBodyBytes?: number;
}

/** What became of a request, for the one who counts. */
export interface ReceiptOutcome {
  readonly response: ReceiverResponse;
  readonly outcome: "fresh" | "duplicate" | "responded" | "unavailable" | "failed";
  /** Why the sender was refused. */
  readonly refusal?: Refusal;
  /** Why a genuine event was not stored. */
  readonly ignored?: string;
  /** Which event that was. */
  readonly event?: string;
  /** What was thrown, when the outcome is `unavailable` or `failed`. */
  readonly error?: Error;
}

/** Whether the event is safe, by this copy or an earlier one. */
export function isStored({ outcome }: Pick<ReceiptOutcome, "outcome">): boolean {
  return outcome === "fresh" || outcome === "duplicate";
}

/** Verify, store, answer: the one order in which a webhook is taken. Never throws. */
export async function receiveAndStore(intake: WebhookIntake, request: ReceivedRequest): Promise<ReceiptOutcome> {
  let received: Received;
  try {
    received = await decideWebhook(intake.receiver, request, intake);
    if (received.type === "respond")
      return responded(received.ignored !== undefined && isSample(request) ? { ...received, ignored: ignoredSample } : received);
    if (isSample(request)) return { response: sampleAnswer(received.response), outcome: "responded", ignored: ignoredSample };
  } catch (error) {
    return failed(toError(error), `${formatSourceKey(intake.source)} cannot verify its sender right now`);
  }
  try {
    const outcome = await intake.accept(toItem(received, request, intake.source));
    return { response: received.response ?? { status: 200 }, outcome };
  } catch (error) {
    // Always 503: some providers do not repeat an event that was answered 500, and whatever the inbox lacks, the event is not stored.
    const response = unavailable(`${formatSourceKey(intake.source)} cannot store events right now`);
    const cause = toError(error, "the inbox");
    return { response, outcome: isRetryable(cause) ? "unavailable" : "failed", error: cause };
  }
}

function toItem(received: Exclude<Received, Respond>, { body, receivedAtMs }: ReceivedRequest, source: SourceKey): InboxItem {
  const id = received.id === undefined ? {} : { id: received.id };
  if (received.type === "trigger") return { type: "trigger", source, ...id, ...partOf(received.part), receivedAtMs };
  return { type: "event", source, ...id, headers: storableHeaders(received.headers), body: received.body ?? body, receivedAtMs };
}

const maxPartLength = 255;

/** Without its part a trigger still has everything read. */
function partOf(part: string | undefined): { readonly part?: string } {
  return part === undefined || part === "" || part.length > maxPartLength ? {} : { part };
}

function failed(error: Error, hint: string): ReceiptOutcome {
  if (isRetryable(error)) return { response: unavailable(hint), outcome: "unavailable", error };
  return { response: internalError(), outcome: "failed", error };
}

function isRetryable(error: Error): boolean {
  return isConnectorsError(error) && error.retryable;
}

/** Shorter values are words such as the name of an event, which a weak secret could equal. */
const shortestMaskedHeaderLength = 16;

const noHeaders: Readonly<Record<string, string>> = {};

/** A connector names what it needs to map the event, and never a credential; what it names by mistake is masked before it is stored. */
function storableHeaders(headers: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  if (headers === undefined) return noHeaders;
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    value.length < shortestMaskedHeaderLength ? value : maskSecrets(value),
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, string>>;
}

function responded({ response, refusal, ignored, event }: Respond): ReceiptOutcome {
  const because = refusal ?? (response.status === 401 || response.status === 403 ? otherRefusal : undefined);
  return {
    response,
    outcome: "responded",
    ...(because === undefined ? {} : { refusal: because }),
    ...(ignored === undefined ? {} : { ignored }),
    ...(event === undefined ? {} : { event }),
  };
}

const otherRefusal: Refusal = { reason: "other" };
