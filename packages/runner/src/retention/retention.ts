import type { RetentionConfig } from "@statewave-connectors/config/result";
import { type Clock, type Logger, sleep } from "@statewave-connectors/connector-sdk";
import { discardOldLetters, type Inbox } from "@statewave-connectors/connector-sdk/inbox";
import type { CursorStore, StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { tryRecordLease } from "../records/record-lease.ts";
import { recordLeaseOn } from "../records/record-lease-on.ts";
import { isShared } from "../state/is-shared.ts";
import { trimRuns } from "./trim-runs.ts";

/** What is forgotten because of its age. */
export type Forgotten = "dead_letters" | "runs";

export interface RetentionOptions {
  readonly config: RetentionConfig;
  readonly inbox: Pick<Inbox, "listDeadLetters" | "discardDeadLetters">;
  readonly store: CursorStore;
  /** This process, unique. */
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with what each pass has forgotten. */
  readonly onForgotten: (what: Forgotten, count: number) => void;
  readonly leaseTtlMs?: number;
}

const scope = "retention";
const defaultLeaseTtlMs = 60_000;
/** A pass follows the one before it after this part of the shortest retention, within these bounds. */
const passesPerRetention = 24;
const leastPauseMs = 1_000;
const mostPauseMs = 60 * 60_000;
/** Letters of one pass: webhooks wait for none of it. */
const mostLetters = 1_000;

/** `[runner.retention]`: one process of those that share the state forgets what is older, in passes of a bounded size. */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    const { deadLettersMs, runsMs } = this.#options.config;
    const shortestMs = Math.min(deadLettersMs ?? Infinity, runsMs ?? Infinity);
    if (shortestMs === Infinity) return;
    const pauseMs = Math.min(mostPauseMs, Math.max(leastPauseMs, shortestMs / passesPerRetention));
    this.#running = this.#repeat(pauseMs);
  }

  /** Resolves when the pass under way has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #repeat(pauseMs: number): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const isWhole = await this.#pass().catch((error: unknown) => {
        if (!signal.aborted) logger.warn("what is older than its retention could not be forgotten; it is tried again", { error });
        return true;
      });
      await sleep(clock, isWhole ? pauseMs : leastPauseMs, signal).catch(() => undefined);
    }
  }

  /** Answers whether nothing older is left. Where another process holds the lease, that one answers for it. */
  async #pass(): Promise<boolean> {
    const { store, leaseTtlMs = defaultLeaseTtlMs } = this.#options;
    const { records } = store;
    const { signal } = this.#stop;
    if (records === undefined) return this.#forget(undefined, this.#options.clock.now(), signal);
    const place = recordLeaseOn(records, scope, "lease");
    const options = { ...this.#options, ...place, ttlMs: leaseTtlMs, isShared: isShared(store) };
    const lease = await tryRecordLease(options, signal);
    if (lease === undefined) return true;
    try {
      // A clock of this process that is ahead of the store's must not make everything old.
      const expiresAtMs = (await place.record.get())?.expiresAtMs ?? Infinity;
      const nowMs = Math.min(this.#options.clock.now(), expiresAtMs - leaseTtlMs);
      return await this.#forget(records, nowMs, lease.signal);
    } finally {
      await lease.release();
    }
  }

  async #forget(records: StoreRecords | undefined, nowMs: number, signal: AbortSignal): Promise<boolean> {
    const { config, inbox } = this.#options;
    const { deadLettersMs, runsMs } = config;
    let letters = 0;
    if (deadLettersMs !== undefined) {
      letters = await discardOldLetters(inbox, { beforeMs: nowMs - deadLettersMs, atMost: mostLetters });
      this.#report("dead_letters", letters);
    }
    if (runsMs !== undefined && records !== undefined) this.#report("runs", await trimRuns(records, nowMs - runsMs, signal));
    return letters < mostLetters;
  }

  #report(what: Forgotten, count: number): void {
    if (count === 0) return;
    this.#options.onForgotten(what, count);
    this.#options.logger.info("what is older than its retention was forgotten", { what, count });
  }
}
