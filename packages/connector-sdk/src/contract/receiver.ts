import type { CheckResult } from "./connector.ts";
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

/** What `receive` decides. */
export type Received =
  /** Store this event, then answer. The raw body is stored, and of the headers only `headers`: never Authorization, tokens or secrets. */
  | {
      readonly type: "event";
      /** The provider's id of the delivery; the same id within the dedup window is answered but not stored again. */
      readonly id?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** Default 200 without a body. */
      readonly response?: ReceiverResponse;
    }
  /** "Go and look": asks for a tick of the pull source that the entry names as its twin. Stored like an event, without a body. */
  | { readonly type: "trigger"; readonly id?: string; readonly response?: ReceiverResponse }
  /** Answer and store nothing: a challenge, a refusal, an event that is not wanted. */
  | {
      readonly type: "respond";
      readonly response: ReceiverResponse;
      /** Why the sender was refused. Without it an answer 401 or 403 counts as refused for another reason. */
      readonly refusal?: Refusal;
      /**
       * Why a genuine event is not stored: one of a few words like `not_wanted`, never text of the event. Only for a sender that was
       * verified.
       */
      readonly ignored?: string;
    };

/** A stored webhook, as it is handed back for mapping. */
export interface ReceivedEvent {
  readonly id?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Epoch milliseconds. */
  readonly receivedAtMs: number;
}

/** An opened push entry. */
export interface PushReceiver extends ItemMapper {
  /** Methods that are answered; others get 405. Default `["POST"]`. */
  readonly methods?: readonly string[];
  /**
   * Verifies the raw bytes, then identifies. No I/O: it answers within the provider's deadline whatever else is down. Throwing is a
   * defect of the connector and is answered 500.
   */
  receive(request: ReceivedRequest): Received | Promise<Received>;
  /** Maps a stored event to episodes; may call the provider; runs after the 2xx, again and again until it succeeds. */
  pages(event: ReceivedEvent, signal: AbortSignal): AsyncIterable<Page>;
  /** See `PullSource.check`. */
  check?(signal: AbortSignal): Promise<readonly CheckResult[]>;
}

/** `{ type: "respond" }` with a JSON body `{ "error": code }` and a hint where there is one. */
export function refuse(status: number, error: string, hint?: string): Extract<Received, { type: "respond" }> {
  return {
    type: "respond",
    response: {
      status,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(hint === undefined ? { error } : { error, hint }),
    },
  };
}
