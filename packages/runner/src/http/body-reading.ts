import type { Clock } from "@statewave-connectors/connector-sdk";
import type { BodyReservation } from "./body-budget.ts";

/** What bounds the reading of one body. */
export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly reservation: BodyReservation;
}

/** How reading a body ended. Except after `complete` and `gone`, part of it may still be on its way: the connection has to be closed. */
export type BodyReading =
  | { readonly type: "complete"; readonly body: Uint8Array }
  | { readonly type: "too_large" }
  /** All bodies in flight together leave no room for this one. */
  | { readonly type: "no_room" }
  | { readonly type: "timed_out" }
  /** The client closed the connection. */
  | { readonly type: "gone" }
  /** The raw bytes cannot be read at all, because the embedder's server has read them. */
  | { readonly type: "unreadable"; readonly error: unknown };
