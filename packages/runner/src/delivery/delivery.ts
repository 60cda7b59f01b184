import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { closedError, pausedError, stoppedError } from "./delivery-errors.ts";
import type { DeliveryOptions, DeliveryStats } from "./delivery-options.ts";
import { type DeliverReport, type DeliverRequest, PendingRequest, type RedactEpisode } from "./delivery-request.ts";
import { Dispatcher } from "./dispatcher.ts";
import { observeStages } from "./observe-stages.ts";
import { tracedDelivery } from "../telemetry/traced-delivery.ts";
import type { DeliveryState } from "./sink-health.ts";

/** Brings episodes of many sources to one sink: at least once, or into the dead-letter list. */
export interface Delivery {
  /**
   * Resolves once every episode is accepted or buried; waits as long as the sink fails. Rejects with `SINK_STOPPED` or `SINK_NOT_STATEWAVE` (retryable)
   * when the sink refuses its configuration, `SINK_SOURCE_PAUSED` (with `retryAtMs`), `SINK_BURY_FAILED` (retryable), `SINK_CLOSED` (retryable), or
   * the signal's reason. What was accepted by then comes again with the next try and is recognised by its key.
   */
  deliver(request: DeliverRequest): Promise<DeliverReport>;
  readonly state: DeliveryState;
  /** When the sink is tried again, epoch milliseconds; undefined while it is up, and while a batch under way decides it. */
  readonly nextAttemptAtMs: number | undefined;
  /** Called after each change of status, reason or `wantsMore`; the returned function ends it. */
  onStateChange(listener: (state: DeliveryState) => void): () => void;
  /** Resolves when `wantsMore`, at once if it already is; rejects with the signal's reason. */
  whenUp(signal: AbortSignal): Promise<void>;
  /** Has a stopped sink tried now instead of in a minute: its key has changed. */
  tryNow(): void;
  /** Until when `deliver` rejects for this source, epoch milliseconds. */
  pausedUntilMs(source: SourceKey): number | undefined;
  stats(): DeliveryStats;
  /**
   * Takes nothing new and waits for what was handed in; when `signal` aborts, the rest rejects with `SINK_CLOSED`. Idempotent. The sink
   * stays open: it is its opener's.
   */
  close(signal: AbortSignal): Promise<void>;
}

/** Starts a delivery. It keeps nothing beyond what its callers wait for: nothing is lost with it. */
export function createDelivery(options: DeliveryOptions): Delivery {
  return new DispatchedDelivery(options);
}

class DispatchedDelivery implements Delivery {
  readonly #dispatcher: Dispatcher;
  readonly #redact: RedactEpisode;
  readonly #options: DeliveryOptions;
  readonly #pending = new Set<PendingRequest>();
  #closing = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#redact = options.redact ?? ((_, episode) => episode);
    this.#dispatcher = new Dispatcher(options, (error, sourceKey) => this.#reject(error, sourceKey));
  }

  get state(): DeliveryState {
    return this.#dispatcher.health.state;
  }

  get nextAttemptAtMs(): number | undefined {
    const { openAtMs } = this.#dispatcher.health;
    return this.state.status === "up" || openAtMs === 0 ? undefined : openAtMs;
  }

  deliver(request: DeliverRequest): Promise<DeliverReport> {
    const { telemetry } = this.#options;
    return telemetry === undefined ? this.#deliver(request) : tracedDelivery(telemetry, request, () => this.#deliver(request));
  }

  async #deliver(request: DeliverRequest): Promise<DeliverReport> {
    const { source, episodes, signal } = request;
    signal.throwIfAborted();
    if (this.#closing) throw closedError();
    const sourceKey = formatSourceKey(source);
    const pausedUntilMs = this.#dispatcher.pausedUntilMs(sourceKey);
    if (pausedUntilMs !== undefined) throw pausedError(source, pausedUntilMs);
    if (this.state.status === "stopped") throw stoppedError(this.state);
    if (episodes.length === 0) return { delivered: 0, buried: 0 };
    const pending = new PendingRequest(request, sourceKey, {
      redact: this.#redact,
      traceparent: this.#options.telemetry?.current(),
      onAbort: () => this.#dispatcher.dropSettled(),
    });
    this.#pending.add(pending);
    this.#dispatcher.enqueue(pending);
    const { clock, observer } = this.#options;
    const calledAtMs = clock.now();
    try {
      const report = await pending.result;
      observeStages(request, report, observer, { clock, calledAtMs });
      return report;
    } finally {
      this.#pending.delete(pending);
    }
  }

  onStateChange(listener: (state: DeliveryState) => void): () => void {
    return this.#dispatcher.health.onChange(listener);
  }

  whenUp(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      if (this.state.wantsMore) {
        resolve();
        return;
      }
      const unsubscribe = this.onStateChange(({ wantsMore }) => {
        if (!wantsMore) return;
        unsubscribe();
        signal.removeEventListener("abort", onAbort);
        resolve();
      });
      const onAbort = () => {
        unsubscribe();
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  tryNow(): void {
    this.#dispatcher.tryNow();
  }

  pausedUntilMs(source: SourceKey): number | undefined {
    return this.#dispatcher.pausedUntilMs(formatSourceKey(source));
  }

  stats(): DeliveryStats {
    return this.#dispatcher.stats();
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#closing = true;
    const rejectRest = () => this.#reject(closedError());
    if (signal.aborted) rejectRest();
    signal.addEventListener("abort", rejectRest, { once: true });
    await Promise.allSettled([...this.#pending].map(({ result }) => result));
    signal.removeEventListener("abort", rejectRest);
    this.#dispatcher.close();
  }

  #reject(error: unknown, sourceKey?: string): void {
    for (const pending of this.#pending) {
      if (sourceKey === undefined || pending.sourceKey === sourceKey) pending.reject(error);
    }
  }
}
