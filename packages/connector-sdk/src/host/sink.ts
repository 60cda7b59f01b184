import type { Episode } from "../contract/episode.ts";
import type { SourceKey } from "../contract/source.ts";

/** An episode on its way, with the connector it came from. */
export interface OutboundEpisode {
  readonly source: SourceKey;
  readonly connectorVersion: string;
  readonly episode: Episode;
  /** Whether the runner needs to know that the episode was new to the sink: `fresh` of the answer. */
  readonly wantsFresh?: boolean;
  /** The run that it belongs to, for log lines. */
  readonly runId?: string | undefined;
}

/** What a sink says of one batch. */
export type SendResult = BatchResult & {
  /** The id that the request carried, as Statewave's log names it. */
  readonly requestId?: string | undefined;
};

type BatchResult =
  /** Every episode is stored, or was stored before. */
  | {
      readonly type: "accepted";
      /** Of each episode whether it was new to the sink; absent when it does not know, or when no episode requested it. */
      readonly fresh?: readonly boolean[];
    }
  /** Nothing was stored, because of the episodes at `indexes` (undefined: it did not say which). */
  | { readonly type: "refused"; readonly indexes?: readonly number[]; readonly reason: string }
  /** Nothing was stored: too much at once. */
  | { readonly type: "limited"; readonly retryAfterMs: number }
  /** Unknown whether anything was stored. `suspect`: the batch itself may be the cause (a 500), not only the sink's state. */
  | {
      readonly type: "failed";
      readonly reason: string;
      readonly suspect: boolean;
      readonly retryAfterMs?: number;
      /** What to change, where the reason alone does not show it. */
      readonly hint?: string;
    }
  /** Nothing was stored and nothing will be until a person changes the configuration: wrong key, tenant or address. */
  | {
      readonly type: "stopped";
      readonly reason: string;
      readonly hint?: string;
      /** The code of the error that callers get, where it is not `SINK_STOPPED`: something else than Statewave answered. */
      readonly code?: "SINK_NOT_STATEWAVE";
    };

/** Where episodes go. Deciding what to do about a result (retry, narrow, bury, wait) is the runner's business, not the sink's. */
export interface Sink {
  /** For start-up lines and `/readyz`; without credentials. */
  readonly description: string;
  /** The most it takes in one batch. */
  readonly maxBatchItems: number;
  readonly maxBatchBytes: number;
  /**
   * Whether each batch is sorted by subject and idempotency key before it is sent, as a database wants it: two batches in flight then lock
   * its rows in one order. Absent: the order in which the episodes were drawn from their sources.
   */
  readonly sortsBatches?: boolean;
  /** Sends one batch, in order. Settles within its own time-out or when `signal` aborts; never throws for an answer of the other side. */
  send(batch: readonly OutboundEpisode[], signal: AbortSignal): Promise<SendResult>;
  /**
   * Whether the other side answers a request that holds no episode; false also when it answers that it fails (5xx). Requested when a batch
   * failed, to tell a sink that this process cannot use from a batch that no sink would take. Settles within its own time-out.
   */
  isReachable?(signal: AbortSignal): Promise<boolean>;
  close?(): Promise<void>;
}
