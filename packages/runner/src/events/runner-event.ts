import type { Refusal, SourceKey } from "@statewave-connectors/connector-sdk";
import type { DeliveryState } from "../delivery/sink-health.ts";

/** What a run has read and delivered. */
export interface RunCounts {
  /** Read from the source. */
  readonly episodes: number;
  readonly delivered: number;
  /** Episodes that became dead letters. Absent for a failed run. */
  readonly buried?: number;
  /** Items that the connector left out. */
  readonly skipped: number;
  /** Items that could not be mapped, and became dead letters. */
  readonly failed: number;
}

/** A run of a pull source began. The log lines of the run have `runId` as `run_id`. */
export interface RunStarted {
  readonly type: "run-started";
  readonly source: SourceKey;
  readonly runId: string;
}

/** A run ended. `partial`: at `max_items`, or because the runner stops or the source was paused; the rest follows. `failed`: it is resumed from its last checkpoint. */
export interface RunEnded {
  readonly type: "run-ended";
  readonly source: SourceKey;
  readonly runId: string;
  readonly outcome: "done" | "partial" | "failed";
  readonly durationMs: number;
  readonly counts: RunCounts;
  /** Of a failed run. */
  readonly error?: Error;
}

/** An episode became a dead letter: the sink refused it, or failed for it alone. */
export interface EpisodeBuried {
  readonly type: "episode-buried";
  readonly source: SourceKey;
  /** The run that yielded it; absent for an episode without one. */
  readonly runId?: string;
  readonly kind: string;
  readonly idempotencyKey: string;
  readonly cause: "refused" | "failing";
  /** One sentence, secrets masked. */
  readonly reason: string;
}

/** A receiver refused a webhook, which is not stored. Anyone can send such a request. */
export interface WebhookRefused {
  readonly type: "webhook-refused";
  readonly source: SourceKey;
  readonly reason: Refusal["reason"];
}

/** The state of the sink changed; see `DeliveryState`. It counts as `up` at the start. */
export interface SinkChanged {
  readonly type: "sink-changed";
  readonly status: DeliveryState["status"];
  /** Secrets masked; absent when it is `up`. */
  readonly reason?: string;
  readonly hint?: string;
}

/** What happens in a runner. Later releases add types: ignore those that you do not know. */
export type RunnerEvent = RunStarted | RunEnded | EpisodeBuried | WebhookRefused | SinkChanged;

/** Called with each event as it happens. What it throws is logged and ignored. */
export type OnEvent = (event: RunnerEvent) => void;

/** Passes an event to the embedder's hook. Never throws. */
export type EmitEvent = (event: RunnerEvent) => void;
