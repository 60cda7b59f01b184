import { type Clock, type Logger, sleep } from "@statewave-connectors/connector-sdk";
import { orAborted } from "../deadline/or-aborted.ts";
import { NamedParts } from "../pull/run-cause.ts";
import type { RunOutcome } from "../pull/run-pull.ts";
import { requestAgainMs } from "./plan-retry.ts";

export interface RunRequestsOptions {
  /** As log lines name it. */
  readonly source: string;
  /** Requests a run that begins after this call; `takeParts` is called when it begins. */
  readonly runForProgram: (takeParts: () => Iterable<string>) => Promise<RunOutcome>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Ends every request. */
  readonly signal: AbortSignal;
}

const maxPartLength = 255;

/**
 * The runs that the wait of one source requests: those that are requested before a run begins share it, and one that is requested while it is
 * under way is followed by one more. A run that cannot begin, or that fails, is requested again.
 */
export class RunRequests {
  readonly #options: RunRequestsOptions;
  #named = new NamedParts();
  #isWanted = false;
  #isWorking = false;

  constructor(options: RunRequestsOptions) {
    this.#options = options;
  }

  /** A connector may be plain JavaScript: what is no part prefers none. Never throws. */
  request(part?: unknown): void {
    if (this.#options.signal.aborted) return;
    if (typeof part === "string" && part !== "" && part.length <= maxPartLength) this.#named.add(part);
    this.#isWanted = true;
    if (this.#isWorking) return;
    this.#isWorking = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    const { clock, signal } = this.#options;
    let failures = 0;
    try {
      while (this.#isWanted && !signal.aborted) {
        const taken: string[] = [];
        const error = await this.#run(taken);
        if (signal.aborted) return;
        failures = error === undefined ? 0 : failures + 1;
        if (error !== undefined) await sleep(clock, this.#owe(taken, error, failures), signal).catch(() => undefined);
      }
    } finally {
      // At once: a request after the last look at `#isWanted` has to find that no work is under way.
      this.#isWorking = false;
    }
  }

  /** The run is owed, with the parts that it was to read first. Answers in how long it is requested again. */
  #owe(taken: readonly string[], error: unknown, failures: number): number {
    const { source, clock, random, logger } = this.#options;
    this.#isWanted = true;
    for (const part of taken) this.#named.add(part);
    const restMs = requestAgainMs({ error, failures, nowMs: clock.now(), random });
    logger.debug("a run that a wait requested is requested again", { source, next_attempt_in_ms: restMs, error });
    return restMs;
  }

  /** Why the run did not read the source; undefined: it did. `taken` gets the parts that it was to read first. */
  async #run(taken: string[]): Promise<unknown> {
    const { runForProgram, signal } = this.#options;
    let hasBegun = false;
    const takeParts = () => {
      hasBegun = true;
      this.#isWanted = false;
      taken.push(...this.#named.take());
      return taken;
    };
    try {
      const outcome = await orAborted(runForProgram(takeParts), signal);
      // At `max_items` the next dues read the rest. A run that a stop ends leaves it to the next start.
      if (outcome.type === "failed") return outcome.error;
      if (!hasBegun) takeParts();
      return undefined;
    } catch (error) {
      return error ?? new Error("the run was refused without a reason");
    }
  }
}
