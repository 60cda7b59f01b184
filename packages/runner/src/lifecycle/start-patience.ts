import { type Clock, type ConnectorsError, type Logger, sleep } from "@statewave-connectors/connector-sdk";

export interface StartPatienceOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** From the first refusal; after that the supervisor restarts the process. */
const patienceMs = 30_000;
const pauseMs = 1_000;

/** Lets a start wait for stores that answer that they cannot serve for now, each reason reported once. */
export class StartPatience {
  readonly #options: StartPatienceOptions;
  readonly #stopped = new AbortController();
  readonly #reported = new Set<string>();
  #endsAtMs: number | undefined;

  constructor(options: StartPatienceOptions) {
    this.#options = options;
  }

  /** See `AdapterContext.retryOpening`. */
  readonly retryOpening = async (error: ConnectorsError): Promise<boolean> => {
    const { clock } = this.#options;
    this.#endsAtMs ??= clock.now() + patienceMs;
    const leftMs = this.#endsAtMs - clock.now();
    // Longer than all of it: the clock was set back.
    if (this.#stopped.signal.aborted || leftMs <= 0 || leftMs > patienceMs) return false;
    this.#report(error, leftMs);
    return sleep(clock, pauseMs, this.#stopped.signal).then(
      () => true,
      () => false,
    );
  };

  /** Ends the waiting: the start fails. */
  stop(): void {
    this.#stopped.abort();
  }

  #report({ code, message, hint }: ConnectorsError, leftMs: number): void {
    const reason = `${code} ${message}`;
    if (this.#reported.has(reason)) return;
    this.#reported.add(reason);
    this.#options.logger.warn("the state cannot be opened for now; trying again", {
      code,
      reason: message,
      ...(hint === undefined ? {} : { hint }),
      next_attempt_in_ms: pauseMs,
      gives_up_in_ms: leftMs,
    });
  }
}
