import type { Episode, SourceKey } from "@statewave-connectors/connector-sdk";
import type { OutboundEpisode } from "@statewave-connectors/connector-sdk/host";
import { PreparedEpisode } from "../sinks/wire/prepared-episode.ts";
import { validateEpisode } from "../sinks/wire/validate-episode.ts";

/** Hands episodes of one source over; see `Delivery.deliver`. */
export interface DeliverRequest {
  readonly source: SourceKey;
  readonly connectorVersion: string;
  readonly episodes: readonly Episode[];
  readonly signal: AbortSignal;
  /** When the webhook behind them was accepted, epoch milliseconds. Default: now. */
  readonly acceptedAtMs?: number | undefined;
  /** Whether to report to the observer how many of them were new to the sink. */
  readonly wantsFresh?: boolean;
  /** Stands in every log line of these episodes. */
  readonly runId?: string | undefined;
}

export interface DeliverReport {
  readonly delivered: number;
  readonly buried: number;
  /** Neither: a dry run only shows them. */
  readonly withheld?: number;
}

/** An episode in the queue: what to send, and on whose behalf. */
export class QueuedEpisode extends PreparedEpisode {
  readonly request: PendingRequest;
  /** As the source gave it: what is kept when it cannot be delivered. */
  readonly received: Episode;
  /** Why the server would refuse it for certain; such an episode is never sent. */
  readonly invalid: string | undefined;

  constructor(outbound: OutboundEpisode, request: PendingRequest, redact: RedactEpisode) {
    super({ ...outbound, episode: redact(outbound.source, outbound.episode) });
    this.request = request;
    this.received = outbound.episode;
    this.invalid = validateEpisode(outbound.episode);
  }
}

/** An episode as it may leave this process. */
export type RedactEpisode = (source: SourceKey, episode: Episode) => Episode;

interface RequestContext {
  /** The trace of the caller. */
  readonly traceparent?: string | undefined;
  readonly redact: RedactEpisode;
  readonly onAbort: () => void;
}

/** A `deliver` call under way. It settles once: when every episode is accepted or buried, or at the first thing that prevents that. */
export class PendingRequest {
  /** `kind/name`. */
  readonly sourceKey: string;
  readonly traceparent: string | undefined;
  readonly episodes: readonly QueuedEpisode[];
  readonly result: Promise<DeliverReport>;
  readonly #resolve: (report: DeliverReport) => void;
  readonly #reject: (error: unknown) => void;
  readonly #signal: AbortSignal;
  readonly #onAbort: () => void;
  #delivered = 0;
  #buried = 0;
  #settled = false;

  constructor(request: DeliverRequest, sourceKey: string, { redact, onAbort, traceparent }: RequestContext) {
    const { source, connectorVersion, episodes, signal, wantsFresh = false, runId } = request;
    const { promise, resolve, reject } = Promise.withResolvers<DeliverReport>();
    this.sourceKey = sourceKey;
    this.traceparent = traceparent;
    this.result = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
    const common = { source, connectorVersion, wantsFresh, runId };
    this.episodes = episodes.map((episode) => new QueuedEpisode({ ...common, episode }, this, redact));
    this.#onAbort = () => {
      this.reject(signal.reason);
      onAbort();
    };
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Whether no caller waits for it any more. */
  get settled(): boolean {
    return this.#settled;
  }

  countDelivered(): void {
    this.#delivered += 1;
    this.#settleIfWhole();
  }

  countBuried(): void {
    this.#buried += 1;
    this.#settleIfWhole();
  }

  reject(error: unknown): void {
    if (this.#settle()) this.#reject(error);
  }

  #settleIfWhole(): void {
    if (this.#delivered + this.#buried < this.episodes.length) return;
    if (this.#settle()) this.#resolve({ delivered: this.#delivered, buried: this.#buried });
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#signal.removeEventListener("abort", this.#onAbort);
    return true;
  }
}
