import type { Clock, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { pausedError } from "./delivery-errors.ts";
import { type ReadWaitingEvents, withWaitingEvents } from "./waiting-events.ts";

export interface PausedSourcesOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly waitingEvents?: ReadWaitingEvents | undefined;
}

interface PausedSource {
  readonly sinceMs: number;
  untilMs: number;
  reason: string;
  /** The run of the last refused episode. */
  runId: string | undefined;
  cancelReminder: () => void;
}

/** The refused episode after which a source pauses. */
interface RefusedEpisode {
  readonly source: SourceKey;
  readonly runId?: string | undefined;
}

const reminderMs = 60 * 60_000;

/** Reports sources whose episodes the sink refuses one after the other: an error at first, a reminder each hour, one line when it is over. */
export class PausedSources {
  readonly #options: PausedSourcesOptions;
  readonly #paused = new Map<string, PausedSource>();

  constructor(options: PausedSourcesOptions) {
    this.#options = options;
  }

  paused({ source, runId }: RefusedEpisode, untilMs: number, reason: string): void {
    const key = formatSourceKey(source);
    const known = this.#paused.get(key);
    if (known !== undefined) {
      known.untilMs = untilMs;
      known.reason = reason;
      known.runId = runId;
      return;
    }
    const { clock, logger } = this.#options;
    const pause: PausedSource = { sinceMs: clock.now(), untilMs, reason, runId, cancelReminder: () => undefined };
    this.#paused.set(key, pause);
    this.#remindLater(source, pause);
    logger.error("the sink refuses every episode of a source, which pauses", {
      source: key,
      run_id: runId,
      reason,
      hint: pausedError(source, untilMs).hint,
      paused_until: new Date(untilMs).toISOString(),
    });
  }

  /** An episode of the source was accepted. */
  accepted(key: string): void {
    const pause = this.#paused.get(key);
    if (pause === undefined) return;
    pause.cancelReminder();
    this.#paused.delete(key);
    const { clock, logger } = this.#options;
    logger.info("the sink takes episodes of a paused source again", { source: key, lasted_ms: clock.now() - pause.sinceMs });
  }

  /** Reports nothing from now on. */
  close(): void {
    for (const { cancelReminder } of this.#paused.values()) cancelReminder();
    this.#paused.clear();
  }

  #remindLater(source: SourceKey, pause: PausedSource): void {
    const { clock, logger, waitingEvents } = this.#options;
    pause.cancelReminder = clock.after(reminderMs, () => {
      this.#remindLater(source, pause);
      withWaitingEvents(waitingEvents, clock, (waiting) => {
        const error = pausedError(source, pause.untilMs);
        const lastedMs = clock.now() - pause.sinceMs;
        logger.error("the sink still refuses every episode of a source", {
          source: formatSourceKey(source),
          run_id: pause.runId,
          reason: pause.reason,
          hint: error.hint,
          paused_until: new Date(pause.untilMs).toISOString(),
          lasted_ms: lastedMs,
          ...waiting,
        });
      });
    });
  }
}
