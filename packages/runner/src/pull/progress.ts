import type { Clock } from "@statewave-connectors/connector-sdk";
import type { ReadPage } from "../pages/read-page.ts";
import { steadyNow } from "../steady-now.ts";

/** How far a run has come. */
export interface Progress {
  readonly pages: number;
  /** Read from the source. */
  readonly episodes: number;
  readonly delivered: number;
  readonly skipped: number;
  /** Items that could not be mapped; absent while there are none. */
  readonly failed?: number;
}

export interface ProgressOptions {
  readonly clock: Clock;
  /** Called after every step. */
  readonly onStep?: ((progress: Progress) => void) | undefined;
  /** Called every 30 s of a run; never in a shorter one. */
  readonly onLongRun?: ((progress: Progress, runningMs: number) => void) | undefined;
}

const reportEveryMs = 30_000;

/** Counts what a run has read and delivered, and reports it while the run lasts. */
export class ProgressCounter {
  readonly #options: ProgressOptions;
  readonly #startedAtMs: number;
  #progress: Progress = { pages: 0, episodes: 0, delivered: 0, skipped: 0 };
  #cancel: () => void = () => undefined;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#startedAtMs = steadyNow(options.clock);
    if (options.onLongRun !== undefined) this.#reportLater();
  }

  get current(): Progress {
    return this.#progress;
  }

  pageRead(page: Pick<ReadPage, "episodes" | "skipped" | "failures">): void {
    const { pages, episodes, delivered, skipped, failed = 0 } = this.#progress;
    const left = Object.values(page.skipped).reduce((sum, count) => sum + count, 0);
    const failures = failed + page.failures.length;
    this.#step({
      pages: pages + 1,
      episodes: episodes + page.episodes.length,
      delivered,
      skipped: skipped + left,
      ...(failures === 0 ? {} : { failed: failures }),
    });
  }

  pageDelivered(count: number): void {
    this.#step({ ...this.#progress, delivered: this.#progress.delivered + count });
  }

  stop(): void {
    this.#cancel();
  }

  #step(progress: Progress): void {
    this.#progress = progress;
    this.#options.onStep?.(progress);
  }

  #reportLater(): void {
    const { clock, onLongRun } = this.#options;
    this.#cancel = clock.after(reportEveryMs, () => {
      onLongRun?.(this.#progress, steadyNow(clock) - this.#startedAtMs);
      this.#reportLater();
    });
  }
}
