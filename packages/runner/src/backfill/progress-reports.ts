import type { Clock } from "@statewave-connectors/connector-sdk";
import { steadyNow } from "../steady-now.ts";

/** A page may take a millisecond, and a report a line on a socket. */
const reportEveryMs = 200;

/** Passes on the latest of many reports, a few times a second. */
export class ProgressReports<Report> {
  readonly #clock: Clock;
  readonly #pass: (report: Report) => void;
  #waiting: Report | undefined;
  #nextAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, pass: (report: Report) => void) {
    this.#clock = clock;
    this.#pass = pass;
  }

  /** `atOnce`: nothing follows it for a while. */
  add(report: Report, atOnce = false): void {
    this.#waiting = report;
    if (atOnce || steadyNow(this.#clock) >= this.#nextAtMs) this.flush();
  }

  /** Passes on what waits. */
  flush(): void {
    const report = this.#waiting;
    if (report === undefined) return;
    this.#waiting = undefined;
    this.#nextAtMs = steadyNow(this.#clock) + reportEveryMs;
    this.#pass(report);
  }
}
