import type { CheckResult } from "./check-result.ts";
import type { ItemMapper, Page } from "./page.ts";
import type { Refusal } from "./refusal.ts";

/** A request as it came over the wire, whole and within its size limit. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  /** Lower-case names; repeated headers joined as node:http does. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The raw bytes: signatures are checked on these. */
  readonly body: Uint8Array;
  /** Epoch milliseconds at which the request arrived, for timestamp windows. */
  readonly receivedAtMs: number;
}

export interface ReceiverResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Answer and store nothing: a challenge, a refusal, an event that is not wanted. */
export interface Respond {
  readonly type: "respond";
  readonly response: ReceiverResponse;
  /** Why the sender was refused. Without it an answer 401 or 403 counts as refused for another reason. */
  readonly refusal?: Refusal;
  /**
   * Why a genuine event is not stored: one of a few words like `not_wanted`, never text of the event. Only for a sender that was
   * verified.
   */
  readonly ignored?: string;
  /** Which event is not stored, in the provider's words, e.g. `issues.labeled`. It becomes a metric's label, so one of the provider's fixed words. */
  readonly event?: string;
}

/** What becomes of a request. */
export type Received =
  /** Store this event, then answer. The raw body is stored, and of the headers only `headers`: never Authorization, tokens or secrets. */
  | {
      readonly type: "event";
      /** The provider's id of the delivery; the same id within the dedup window is answered but not stored again. */
      readonly id?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** What is stored instead of the raw body, in a buffer of its own: the payload of a form. */
      readonly body?: Uint8Array;
      /** Default 200 without a body. */
      readonly response?: ReceiverResponse;
    }
  /** "Go and look": requests a run of the pull source that the entry names as its twin. Stored like an event, without a body. */
  | {
      readonly type: "trigger";
      readonly id?: string;
      /** The part of the source in which something changed: the run reads it first. Over 255 characters it is ignored. */
      readonly part?: string;
      readonly response?: ReceiverResponse;
    }
  | Respond;

/**
 * Why a request is refused; undefined: it is genuine. What it throws is answered 503 with Retry-After when it is retryable, such as keys
 * that cannot be fetched, else 500. It has 3 seconds, then the signal aborts and the answer is 503.
 */
export type VerifyRequest = (request: ReceivedRequest, signal: AbortSignal) => Refusal | undefined | Promise<Refusal | undefined>;

/** A stored webhook, as it is handed back for mapping. */
export interface ReceivedEvent {
  readonly id?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Epoch milliseconds. */
  readonly receivedAtMs: number;
}

/**
 * An opened push entry. Most receivers are data: `verify` by a declared signature, `identify`, and `respond` where the provider sends more
 * than events. The order for each request: `respondUnverified`, `verify`, the payload is taken out of its `form`, then either `receive`, or
 * `respond` and, if that returns undefined, storing under the id of `identify`. Only `verify` and `pages` may do I/O, so that the answer
 * meets the provider's deadline whatever else is down. Throwing is a defect of the connector and is answered 500.
 */
export interface PushReceiver extends ItemMapper {
  /** Methods that are answered; others get 405. Default `["POST"]`. */
  readonly methods?: readonly string[];
  /** Who may deliver: `verifier(signature, secrets)` of `./signature`, or a function. Absent: `receive` verifies by itself. */
  readonly verify?: VerifyRequest;
  /**
   * Whether `verify` reads only the head of a request, such as a token. A genuine delivery above `maxBodyBytes` is then decided with an empty
   * body instead of 413, because some providers resend what is refused for days.
   */
  readonly provesByHead?: boolean;
  /**
   * Where the provider can send the payload as a field of a form (`application/x-www-form-urlencoded`): the name of the field. The signature
   * covers the form; everything after `verify` sees the payload, which is also what is stored and what `maxBodyBytes` counts.
   */
  readonly form?: { readonly field: string };
  /** Answers a challenge that the provider does not sign. Anyone can send one: it must reveal nothing and change nothing. */
  respondUnverified?(request: ReceivedRequest): Respond | undefined;
  /** Answers what is genuine and not stored: a challenge, a ping, an event that is not wanted. Undefined: it is stored. */
  respond?(request: ReceivedRequest): Respond | undefined;
  /** The provider's id of the delivery, see `Received`. Undefined, empty or over 255 characters: it has none. */
  identify?(request: ReceivedRequest): string | undefined;
  /** The names, in lower case, of the headers that `pages` needs; at most 1,024 characters of each are stored. Never one that proves the sender. */
  readonly storedHeaders?: readonly string[];
  /** What a delivery is: an event to map, or a trigger, see `Received`. Default `event`. */
  readonly stores?: "event" | "trigger";
  /** Of a receiver that stores triggers: the part of the source in which something changed, see `Received`. */
  partOf?(request: ReceivedRequest): string | undefined;
  /** Decides by itself what becomes of a request, in place of `respond` and all below it. Without `verify` it verifies the raw bytes first. */
  receive?(request: ReceivedRequest): Received | Promise<Received>;
  /** Maps a stored event to episodes; may call the provider; runs after the 2xx, again and again until it succeeds. */
  pages(event: ReceivedEvent, signal: AbortSignal): AsyncIterable<Page>;
  /** See `PullSource.check`. */
  check?(signal: AbortSignal): Promise<readonly CheckResult[]>;
  /** See `PullSource.testPush`. */
  testPush?(signal: AbortSignal): Promise<readonly CheckResult[]>;
}

/** `{ type: "respond" }` with a JSON body `{ "error": code }` and a hint where there is one. */
export function refuse(status: number, error: string, hint?: string): Respond {
  return {
    type: "respond",
    response: {
      status,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(hint === undefined ? { error } : { error, hint }),
    },
  };
}
