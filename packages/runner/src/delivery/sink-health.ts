import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import type { SendResult } from "@statewave-connectors/connector-sdk/host";
import { backoffMs } from "./backoff.ts";
import { SinkOutage } from "./sink-outage.ts";
import type { ReadWaitingEvents } from "./waiting-events.ts";

/** How the sink fares, for readiness, metrics and the decision to read more from a source. */
export interface DeliveryState {
  /**
   * `up`: it takes what it gets. `failing`: it fails or does not answer; tried again for ever. `limited`: it requested a pause.
   * `stopped`: it refuses everything until a person changes the configuration.
   */
  readonly status: "up" | "failing" | "limited" | "stopped";
  readonly sinceMs: number;
  /** Whether the sink was ever sent a batch: before that, `up` is only assumed. */
  readonly tried: boolean;
  readonly reason?: string;
  readonly hint?: string;
  /** Of a stopped sink, the error's code where it is not `SINK_STOPPED`. */
  readonly code?: "SINK_NOT_STATEWAVE";
  /**
   * Whether callers should hand in more. True when up or limited. Also while failing with nothing untried left: one bad episode looks like a
   * broken server, and only other episodes can show the difference.
   */
  readonly wantsMore: boolean;
  /** Whether this process can deliver nothing, whatever the episodes: it cannot reach the sink, or the sink refuses everything. */
  readonly takesNothing: boolean;
}

export interface SinkHealthOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly description: string;
  readonly maxInFlight: number;
  readonly backlog: () => Backlog;
  readonly waitingEvents?: ReadWaitingEvents | undefined;
}

/** What could be sent next. */
export interface Backlog {
  /** Episodes never tried. */
  readonly untried: number;
  /** Episodes that failed before, or are under way. */
  readonly tried: number;
  /** Episodes that wait, in flight left out. */
  readonly queued: number;
}

/** A stopped sink is tried so often, by one batch. */
const stoppedProbeMs = 60_000;
/** By then every request that was sent with the former key is answered. */
const mendedForMs = 30_000;
const mendedProbeMs = 1_000;
/** A failure that does not point at its batch wants other episodes only after so long: it is nearly always the server's. */
const doubtAfterMs = 60_000;

/** Why a sink counts as failing before the batch under way has come to an end. */
const silent = "no answer yet to the batch under way, and none to a request without episodes";

/** Why the sink is not up. */
type Cause = { readonly [Key in "reason" | "hint" | "code"]?: DeliveryState[Key] | undefined };

/** Turns results into a state, and the state into when the next batch may leave. */
export class SinkHealth {
  readonly #options: SinkHealthOptions;
  readonly #listeners = new Set<(state: DeliveryState) => void>();
  readonly #outage: SinkOutage;
  #status: DeliveryState["status"] = "up";
  #sinceMs: number;
  #reason: string | undefined;
  #hint: string | undefined;
  #code: DeliveryState["code"];
  #tried = false;
  #isReachable = true;
  /** It failed, could not be reached, and answers again: a batch has to show whether it takes episodes, unless none is left. */
  #isBack = false;
  /** Failures in a row. */
  #failures = 0;
  #suspectOnly = false;
  #openAtMs = 0;
  #mendedUntilMs = 0;
  #state: DeliveryState;

  constructor(options: SinkHealthOptions) {
    this.#options = options;
    this.#sinceMs = options.clock.now();
    this.#outage = new SinkOutage({
      ...options,
      sink: options.description,
      queuedEpisodes: () => options.backlog().queued,
    });
    this.#state = this.#describe();
  }

  get state(): DeliveryState {
    return this.#state;
  }

  /** When the next batch may leave, epoch milliseconds. */
  get openAtMs(): number {
    return this.#openAtMs;
  }

  /** One probe at a time unless up. */
  get maxInFlight(): number {
    return this.#status === "up" ? this.#options.maxInFlight : 1;
  }

  onChange(listener: (state: DeliveryState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** It stored something, or refused an episode: it can be reached and accepts our key. A pause that it requested stays. */
  answered(): void {
    this.#failures = 0;
    this.#isBack = false;
    this.#outage.over();
    if (this.#status === "limited") return;
    this.#enter("up");
  }

  /** It failed, and the batch alone does not explain that. A stopped sink that fails is no longer stopped. */
  failed(result: Omit<Extract<SendResult, { type: "failed" }>, "type">, runIds: readonly string[] = []): void {
    const { reason, suspect, retryAfterMs, requestId } = result;
    const { clock, random } = this.#options;
    const nowMs = clock.now();
    if (this.#status === "limited" && this.#openAtMs > nowMs) return;
    const delayMs = Math.max(backoffMs(this.#failures, random), retryAfterMs ?? 0);
    this.#suspectOnly = suspect && (this.#failures === 0 || this.#suspectOnly);
    this.#failures += 1;
    this.#isBack = false;
    this.#openAtMs = Math.max(this.#openAtMs, nowMs + delayMs);
    this.#outage.failed({ status: "failing", reason, requestId, runIds, nextAttemptInMs: this.#openAtMs - nowMs });
    this.#enter("failing", { reason });
  }

  limited(retryAfterMs: number, runIds: readonly string[] = []): void {
    const { clock, logger, description } = this.#options;
    const wasLimited = this.#status === "limited";
    this.#openAtMs = Math.max(wasLimited ? this.#openAtMs : 0, clock.now() + retryAfterMs);
    if (!wasLimited)
      logger.warn("the sink requests a pause", { sink: description, run_ids: runIds, retry_after_ms: retryAfterMs });
    this.#enter("limited", { reason: "429" });
  }

  stopped(result: Omit<Extract<SendResult, { type: "stopped" }>, "type">, runIds: readonly string[] = []): void {
    const { reason, hint, code, requestId } = result;
    const nowMs = this.#options.clock.now();
    const probeInMs = nowMs < this.#mendedUntilMs ? mendedProbeMs : stoppedProbeMs;
    this.#openAtMs = nowMs + probeInMs;
    const cause = { status: "stopped", code: code ?? "SINK_STOPPED", reason, hint, requestId, runIds } as const;
    this.#outage.failed({ ...cause, nextAttemptInMs: probeInMs });
    this.#enter("stopped", { reason, hint, code });
  }

  /** What stopped it may be fixed: the next batch may leave at once, and a second after one that still had the former key. */
  tryNow(): void {
    this.#mendedUntilMs = this.#options.clock.now() + mendedForMs;
    if (this.#status === "stopped") this.#openAtMs = 0;
  }

  /**
   * It does not answer at all, or does so again. Beside the batches: see `Reachability`. While a batch is still under way it counts as
   * failing, and this process keeps what it holds: the batch may have arrived, and others would send it once more.
   */
  reached(isReachable: boolean): void {
    this.#isReachable = isReachable;
    this.#isBack = isReachable && this.#status === "failing";
    if (!isReachable && this.#status === "up") {
      this.#outage.failed({ status: "failing", reason: silent });
      this.#enter("failing", { reason: silent });
    } else if (isReachable && this.#status === "failing" && this.#failures === 0) {
      this.#outage.over();
      this.#enter("up");
    } else this.#publish();
  }

  /** Reports nothing from now on. */
  close(): void {
    this.#outage.close();
  }

  /** The clock was set back by so much. */
  moveBack(byMs: number): void {
    this.#sinceMs -= byMs;
    this.#openAtMs -= byMs;
    this.#outage.moveBack(byMs);
  }

  /**
   * Looks at what only time and the queue change: the end of a pause, whether more is wanted, and the end of an outage whose episodes another
   * process has delivered.
   */
  refresh(): void {
    if (this.#status === "limited" && this.#options.clock.now() >= this.#openAtMs) this.#enter("up");
    else if (this.#status === "failing" && this.#isBack && this.#isIdle()) this.answered();
    else this.#publish();
  }

  #enter(status: DeliveryState["status"], { reason, hint, code }: Cause = {}): void {
    if (status === "up") this.#openAtMs = 0;
    if (status !== this.#status) {
      this.#status = status;
      this.#sinceMs = this.#options.clock.now();
    }
    this.#reason = reason;
    this.#hint = hint;
    this.#code = code;
    this.#tried = true;
    this.#publish();
  }

  #publish(): void {
    const { status, reason, wantsMore, takesNothing, tried } = this.#state;
    const isSame = status === this.#status && reason === this.#reason && tried === this.#tried;
    if (isSame && wantsMore === this.#wantsMore() && takesNothing === this.#takesNothing) return;
    this.#state = this.#describe();
    for (const listener of this.#listeners) listener(this.#state);
  }

  #describe(): DeliveryState {
    return {
      status: this.#status,
      sinceMs: this.#sinceMs,
      tried: this.#tried,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      ...(this.#hint === undefined ? {} : { hint: this.#hint }),
      ...(this.#code === undefined ? {} : { code: this.#code }),
      wantsMore: this.#wantsMore(),
      takesNothing: this.#takesNothing,
    };
  }

  get #takesNothing(): boolean {
    return this.#status === "stopped" || (this.#status === "failing" && !this.#isReachable && this.#failures > 0);
  }

  #isIdle(): boolean {
    const { untried, tried } = this.#options.backlog();
    return untried + tried === 0;
  }

  #wantsMore(): boolean {
    if (this.#takesNothing) return false;
    if (this.#status !== "failing") return true;
    const { untried, tried } = this.#options.backlog();
    if (untried > 0) return false;
    return tried === 0 || this.#suspectOnly || this.#options.clock.now() - this.#sinceMs >= doubtAfterMs;
  }
}
