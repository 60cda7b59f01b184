import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import { type ReadWaitingEvents, withWaitingEvents } from "./waiting-events.ts";

export interface SinkOutageOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sink: string;
  /** Episodes that callers handed in and that are not in flight. */
  readonly queuedEpisodes: () => number;
  readonly waitingEvents?: ReadWaitingEvents | undefined;
}

/** Why the sink takes nothing. */
export interface OutageCause {
  readonly status: "failing" | "stopped";
  readonly code?: string | undefined;
  readonly reason: string;
  readonly hint?: string | undefined;
  /** Of the attempt that failed. */
  readonly requestId?: string | undefined;
  /** The runs that have episodes in it. */
  readonly runIds?: readonly string[] | undefined;
  /** Absent while an attempt is under way. */
  readonly nextAttemptInMs?: number;
}

const reminderMs = 60 * 60_000;

const firstMessages = {
  failing: "the sink fails; trying again until it works",
  stopped: "the sink refuses everything: nothing is delivered until its configuration is changed",
} as const;

/**
 * Reports an outage of the sink: an error when it begins, a reminder each hour, one line when it is over. A second error comes only when
 * the sink first fails and then refuses, or the other way round.
 */
export class SinkOutage {
  readonly #options: SinkOutageOptions;
  readonly #reported = new Set<OutageCause["status"]>();
  #startedAtMs: number | undefined;
  #cause: OutageCause | undefined;
  #queuedEpisodes = 0;
  #cancelReminder: () => void = () => undefined;

  constructor(options: SinkOutageOptions) {
    this.#options = options;
  }

  /** An attempt failed. */
  failed(cause: OutageCause): void {
    const { clock, logger } = this.#options;
    this.#cause = cause;
    this.#queuedEpisodes = this.#options.queuedEpisodes();
    if (this.#startedAtMs === undefined) {
      this.#startedAtMs = clock.now();
      this.#remindLater();
    }
    if (this.#reported.has(cause.status)) return;
    this.#reported.add(cause.status);
    logger.error(firstMessages[cause.status], this.#causeFields(cause));
  }

  /** An attempt was answered. */
  over(): void {
    const startedAtMs = this.#startedAtMs;
    if (startedAtMs === undefined) return;
    const { clock, logger } = this.#options;
    const lastedMs = clock.now() - startedAtMs;
    this.close();
    this.#withWaiting((waiting) => {
      logger.info("the sink takes episodes again", { sink: this.#options.sink, lasted_ms: lastedMs, ...waiting });
    });
  }

  /** The clock was set back by so much. */
  moveBack(byMs: number): void {
    if (this.#startedAtMs !== undefined) this.#startedAtMs -= byMs;
  }

  /** Drops the outage without a report. */
  close(): void {
    this.#cancelReminder();
    this.#startedAtMs = undefined;
    this.#cause = undefined;
    this.#reported.clear();
  }

  #remindLater(): void {
    this.#cancelReminder = this.#options.clock.after(reminderMs, () => {
      this.#remindLater();
      this.#withWaiting((waiting) => this.#remind(waiting));
    });
  }

  #remind(waiting: Readonly<Record<string, number>>): void {
    const { clock, logger } = this.#options;
    // It may have ended while the inbox was counted.
    if (this.#startedAtMs === undefined || this.#cause === undefined) return;
    logger.error("the sink still takes no episodes", {
      ...this.#causeFields(this.#cause),
      lasted_ms: clock.now() - this.#startedAtMs,
      ...waiting,
    });
  }

  #causeFields({ code, reason, hint, requestId, runIds = [], nextAttemptInMs }: OutageCause): Readonly<Record<string, unknown>> {
    return {
      sink: this.#options.sink,
      ...(code === undefined ? {} : { code }),
      reason,
      ...(hint === undefined ? {} : { hint }),
      ...(requestId === undefined ? {} : { request_id: requestId }),
      ...(runIds.length === 0 ? {} : { run_ids: runIds }),
      ...(nextAttemptInMs === undefined ? {} : { next_attempt_in_ms: nextAttemptInMs }),
    };
  }

  #withWaiting(report: (waiting: Readonly<Record<string, number>>) => void): void {
    const { clock, waitingEvents } = this.#options;
    const queuedEpisodes = this.#queuedEpisodes;
    withWaitingEvents(waitingEvents, clock, (events) => report({ queued_episodes: queuedEpisodes, ...events }));
  }
}
