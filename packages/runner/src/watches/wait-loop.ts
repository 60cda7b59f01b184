import {
  type Clock,
  ConnectorsError,
  type FailedItem,
  type Logger,
  type PullSource,
  sleep,
} from "@statewave-connectors/connector-sdk";
import { toError } from "@statewave-connectors/connector-sdk/host";
import { orAborted } from "../deadline/or-aborted.ts";
import type { EntryHealth } from "../health/sources/entry-health.ts";
import { acquireRecordLease, type RecordLeaseOptions } from "../records/record-lease.ts";
import { steadyNow } from "../steady-now.ts";
import { restartWaitMs } from "./plan-retry.ts";
import type { RunRequests } from "./run-requests.ts";

export interface WaitLoopOptions {
  /** As log lines name it. */
  readonly source: string;
  readonly waits: Pick<PullSource, "wait">;
  readonly requests: Pick<RunRequests, "request">;
  readonly health: Pick<EntryHealth, "waitFailed" | "waitHolds">;
  /** Keeps what the wait cannot read. */
  readonly keep: (failed: readonly FailedItem[], signal: AbortSignal) => Promise<void>;
  /** Of the right to wait. */
  readonly lease: RecordLeaseOptions;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** A wait that lasts so long works: its failures before do not count. */
const soundAfterMs = 60_000;
/** A wait that is aborted and does not end by then is left alone. */
const endWithinMs = 1_000;
const storeRetryMs = 10_000;

/** Has one source wait for news, while this process holds the lease for it. */
export class WaitLoop {
  readonly #options: WaitLoopOptions;
  #failures = 0;
  /** A wait that ignored its signal: until it ends, no other one is started. */
  #overdue: Promise<unknown> | undefined;
  #isStoreSilent = false;

  constructor(options: WaitLoopOptions) {
    this.#options = options;
  }

  /** Ends when `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { source, lease: options, health, clock, logger } = this.#options;
    while (!signal.aborted) {
      try {
        // Until then another process may wait.
        if (this.#overdue !== undefined) await orAborted(this.#overdue, signal);
        const lease = await acquireRecordLease(options, signal);
        this.#isStoreSilent = false;
        await this.#waitWhileHeld(lease.signal).finally(() => lease.release());
        if (signal.aborted) return;
        // Whether waiting works is now for the other process to say.
        health.waitHolds();
        logger.info("another process waits for news of a source", { source });
      } catch (error) {
        if (signal.aborted) return;
        if (!this.#isStoreSilent) logger.warn("the lease for a wait cannot be requested", { source, error });
        this.#isStoreSilent = true;
        await sleep(clock, storeRetryMs, signal).catch(() => undefined);
      }
    }
  }

  async #waitWhileHeld(signal: AbortSignal): Promise<void> {
    const { source, clock, random, logger } = this.#options;
    while (!signal.aborted) {
      const startedAtMs = steadyNow(clock);
      const error = await this.#wait(signal);
      if (signal.aborted) return;
      if (steadyNow(clock) - startedAtMs >= soundAfterMs) this.#failures = 0;
      this.#failures += 1;
      this.#options.health.waitFailed(error ?? endedEarly(source), this.#failures);
      const restMs = restartWaitMs({ error, failures: this.#failures, nowMs: clock.now(), random });
      logger.debug("a wait for news ended and is started again", { source, next_attempt_in_ms: restMs, error });
      await sleep(clock, restMs, signal).catch(() => undefined);
    }
  }

  /** What the wait rejects with; undefined: it returned. Resolves within a second after `signal` aborts. */
  async #wait(signal: AbortSignal): Promise<Error | undefined> {
    const { source, waits, requests, health, keep, clock, logger } = this.#options;
    const ended = new AbortController();
    const request = (part?: unknown) => {
      if (!signal.aborted && !ended.signal.aborted) requests.request(part);
    };
    const waiting = (async () => waits.wait?.(signal, request, (failed) => keep(failed, signal)))().then(
      () => undefined,
      (thrown: unknown) => toError(thrown),
    );
    const cancelSound = clock.after(soundAfterMs, () => health.waitHolds());
    try {
      return await orAborted(waiting, signal);
    } catch {
      const hasEnded = await Promise.race([
        waiting.then(() => true),
        sleep(clock, endWithinMs, ended.signal).then(
          () => false,
          () => true,
        ),
      ]);
      if (!hasEnded) this.#leave(waiting, source, logger);
      return undefined;
    } finally {
      ended.abort();
      cancelSound();
    }
  }

  #leave(waiting: Promise<unknown>, source: string, logger: Logger): void {
    logger.error("a wait ignores that it was aborted and is left alone", {
      source,
      hint: "update the connector, or report this to its author",
    });
    this.#overdue = waiting.finally(() => (this.#overdue = undefined));
  }
}

/** A wait runs for as long as the process is up. */
function endedEarly(source: string): ConnectorsError {
  return new ConnectorsError({
    code: "PULL_WAIT_ENDED",
    message: `the wait of ${source} for news ends by itself`,
    hint: "look at the connector's warnings before it in the log",
    retryable: true,
  });
}
