import type { Clock, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";

/** The outcome of one event's episodes. */
export interface EventCounts {
  readonly delivered: number;
  readonly buried: number;
  readonly skipped: number;
  readonly failed: number;
}

export interface EventReportOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

interface SourceCounts {
  events: number;
  delivered: number;
  buried: number;
  skipped: number;
  /** Absent while it is 0. */
  failed?: number;
}

const reportEveryMs = 2_000;

/** Logs the number of delivered events and the outcome of their episodes: at most one line for each source in two seconds. */
export class EventReport {
  readonly #options: EventReportOptions;
  readonly #sources = new Map<string, SourceCounts>();

  constructor(options: EventReportOptions) {
    this.#options = options;
  }

  processed(source: SourceKey, counts: EventCounts): void {
    const key = formatSourceKey(source);
    let sums = this.#sources.get(key);
    if (sums === undefined) {
      sums = { events: 0, delivered: 0, buried: 0, skipped: 0 };
      this.#sources.set(key, sums);
      this.#options.clock.after(reportEveryMs, () => this.#report(key));
    }
    sums.events += 1;
    sums.delivered += counts.delivered;
    sums.buried += counts.buried;
    sums.skipped += counts.skipped;
    if (counts.failed > 0) sums.failed = (sums.failed ?? 0) + counts.failed;
  }

  /** Logs what is not logged yet. */
  flush(): void {
    for (const key of this.#sources.keys()) this.#report(key);
  }

  #report(source: string): void {
    const sums = this.#sources.get(source);
    if (sums === undefined) return;
    this.#sources.delete(source);
    this.#options.logger.info("events processed", { source, ...sums });
  }
}
