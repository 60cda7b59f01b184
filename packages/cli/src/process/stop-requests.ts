/** Why the program should end: a signal, or the end of the package manager that started it. */
export type StopCause = { readonly signal: NodeJS.Signals } | { readonly launcherGone: true };

export interface StopRequestsOptions {
  /** The first request. */
  readonly onFirst: (cause: StopCause) => void;
  /** A second signal: end at once. */
  readonly onImpatient: (signal: NodeJS.Signals) => void;
  /** Milliseconds of a monotonic clock. */
  readonly nowMs: () => number;
}

/** The same request to stop can arrive twice: from the terminal or a process group, and passed on by npm or a wrapper. */
const sameRequestMs = 250;

/** Distinguishes the first request to stop from copies of it and from a second request. */
export class StopRequests {
  readonly #options: StopRequestsOptions;
  #sinceMs: number | undefined;

  constructor(options: StopRequestsOptions) {
    this.#options = options;
  }

  get isStopping(): boolean {
    return this.#sinceMs !== undefined;
  }

  request(cause: StopCause): void {
    const nowMs = this.#options.nowMs();
    if (this.#sinceMs === undefined) {
      this.#sinceMs = nowMs;
      this.#options.onFirst(cause);
    } else if ("signal" in cause && nowMs - this.#sinceMs > sameRequestMs) {
      this.#options.onImpatient(cause.signal);
    }
  }
}
