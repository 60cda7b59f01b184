import type { Clock, Episode, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import type { SendResult, Sink, Telemetry } from "@statewave-connectors/connector-sdk/host";
import type { RedactEpisode } from "./delivery-request.ts";
import type { ReadWaitingEvents } from "./waiting-events.ts";

export interface DeliveryStats {
  /** Waiting to be sent, or to be sent again. */
  readonly queuedEpisodes: number;
  readonly inFlightRequests: number;
  readonly acceptedEpisodes: number;
  readonly buriedEpisodes: number;
}

export interface DeliveryOptions {
  readonly sink: Sink;
  /** Keeps an episode that can never be delivered as it is; idempotent. */
  readonly bury: (source: SourceKey, episode: Episode, reason: string) => Promise<void>;
  /** Makes of an episode what may leave this process. Default: leaves it as it is. `bury` gets it as it was. */
  readonly redact?: RedactEpisode;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly maxInFlight: number;
  /** How long a batch that is not full waits for more while others are under way. */
  readonly lingerMs: number;
  readonly observer?: DeliveryObserver | undefined;
  /** Default: nothing is traced. */
  readonly telemetry?: Telemetry | undefined;
  /** What waits in the inbox, for the reports of an outage; undefined when that is not known in time. */
  readonly waitingEvents?: ReadWaitingEvents | undefined;
}

export interface BuriedEpisode {
  readonly source: SourceKey;
  readonly runId: string | undefined;
  readonly kind: string;
  readonly idempotencyKey: string;
  readonly cause: "refused" | "failing";
  readonly reason: string;
}

/** Called with what happens, for the metrics. */
export interface DeliveryObserver {
  /** A batch came back from the sink. */
  batchSettled?(batch: { readonly type: SendResult["type"]; readonly items: number; readonly durationMs: number }): void;
  /** So many episodes of a source were accepted in one batch. */
  accepted?(accepted: { readonly source: SourceKey; readonly count: number }): void;
  /**
   * How long an episode took: from its event until this runner accepted it, or from then until it was delivered. Of those that are buried the
   * time until they were accepted is reported, too, if others of their request are delivered.
   */
  stageEnded?(stage: "accepted" | "delivered", seconds: number): void;
  /** How many accepted episodes of a source that requested it were new to the sink. */
  healed?(accepted: { readonly source: SourceKey; readonly count: number }): void;
  /** An episode was buried: refused (422), or failing (500) while others passed. */
  buried?(episode: BuriedEpisode): void;
}
