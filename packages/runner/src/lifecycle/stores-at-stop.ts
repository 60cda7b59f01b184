import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import { orAborted } from "../deadline/or-aborted.ts";
import { stoppingError } from "../pull/pull-errors.ts";
import type { Answers } from "../health/stores/answers.ts";
import type { StoreRole } from "../health/stores/write-health.ts";

/** A store that has answered nothing for so long is given up: its clients give up on their own requests after that time as well. */
const silentAfterMs = 5_000;
/** Also one that was silent before the stop gets this chance to answer. */
const graceMs = 1_000;
/** Work that ends by itself when its store is given up. */
const endWithinMs = 500;
const closeWithinMs = 1_000;
const lookEveryMs = 250;

export interface WatchedStore {
  readonly answers: Pick<Answers, "silentMs">;
  /** Reads anything; the answer is noticed by `answers`. */
  readonly ask: () => Promise<unknown>;
}

export interface StoresAtStopOptions {
  readonly stores: Readonly<Record<StoreRole, WatchedStore>>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Watches during a stop whether the stores still answer. What needs a silent one is not waited for: its claims and leases come back by
 * themselves. What needs the other continues, and a store that is only slow has all of the drain.
 */
export class StoresAtStop {
  readonly #options: StoresAtStopOptions;
  readonly #silent: Readonly<Record<StoreRole, AbortController>>;
  readonly #ended: Readonly<Record<StoreRole, AbortController>>;
  readonly #cancels = new Map<string, () => void>();

  constructor(options: StoresAtStopOptions) {
    this.#options = options;
    this.#silent = { cursor_store: new AbortController(), inbox: new AbortController() };
    this.#ended = { cursor_store: new AbortController(), inbox: new AbortController() };
    for (const role of ["cursor_store", "inbox"] as const) this.#watch(role);
  }

  /** Aborts with `drained`, and when the store is silent. */
  drained(role: StoreRole, drained: AbortSignal): AbortSignal {
    return AbortSignal.any([drained, this.#silent[role].signal]);
  }

  /** Waits for what needs the store, but not long once the store is silent. Never rejects. */
  async settled(role: StoreRole, work: Promise<unknown>): Promise<void> {
    await orAborted(work, this.#ended[role].signal).catch(() => undefined);
  }

  /** Calls `end` without waiting when a store is silent: closing it would wait for its answer. */
  limitClosing(end: () => void): void {
    if (this.#silent.cursor_store.signal.aborted || this.#silent.inbox.signal.aborted) this.#after("close", closeWithinMs, end);
  }

  close(): void {
    for (const cancel of this.#cancels.values()) cancel();
  }

  #watch(role: StoreRole): void {
    const { stores, logger } = this.#options;
    const { answers, ask } = stores[role];
    let isAsking = false;
    const askOnce = async () => {
      await Promise.resolve()
        .then(ask)
        .catch(() => undefined);
    };
    const look = (sinceStopMs: number) => {
      if (sinceStopMs >= graceMs && answers.silentMs >= silentAfterMs) {
        logger.warn("a store does not answer: what needs it is not waited for, and resumes after the next start", {
          store: role,
          silent_ms: Math.round(answers.silentMs),
        });
        this.#silent[role].abort(stoppingError());
        this.#after(role, endWithinMs, () => this.#ended[role].abort(stoppingError()));
        return;
      }
      if (!isAsking) {
        isAsking = true;
        void askOnce().finally(() => (isAsking = false));
      }
      this.#after(role, lookEveryMs, () => look(sinceStopMs + lookEveryMs));
    };
    look(0);
  }

  #after(name: string, delayMs: number, act: () => void): void {
    this.#cancels.set(name, this.#options.clock.after(delayMs, act));
  }
}
