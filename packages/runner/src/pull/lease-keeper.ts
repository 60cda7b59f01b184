import { type Clock, ConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { CursorStore, Lease } from "@statewave-connectors/connector-sdk/store";
import { steadyNow } from "../steady-now.ts";

/** How long a lease lives without renewal. */
export const defaultLeaseTtlMs = 30_000;
/** Renewals in a lease's time: one that fails leaves time for another. */
const renewalsPerTtl = 3;
/** The owner gives up this part of a lease's time before the store would grant it to another process. */
const safetyPart = 6;

interface HeldLease {
  readonly lease: Lease;
  readonly controller: AbortController;
  /** Steady time; counted from before the request that last extended the lease was sent. */
  deadlineMs: number;
  /** Its run is over: the store is about to forget it, or already has. */
  isReleasing: boolean;
}

/** A lease that is held. */
export interface Hold {
  /** Aborts when the lease is lost. */
  readonly signal: AbortSignal;
  /** To be called before the lease is released: from then on it cannot be lost. */
  readonly releasing: () => void;
  readonly letGo: () => void;
}

/**
 * Keeps the leases of this process alive: one renewal for all of them every third of their time (10 s of 30). A lease that is refused,
 * or that could not be renewed until a sixth of its time (5 s of 30) before it lapses, aborts its run with `STORE_LEASE_LOST`.
 */
export class LeaseKeeper {
  readonly #store: CursorStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #ttlMs: number;
  readonly #held = new Set<HeldLease>();
  #cancelRenewal: (() => void) | undefined;
  #cancelDeadline: (() => void) | undefined;

  constructor(options: {
    readonly store: CursorStore;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly leaseTtlMs: number;
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#ttlMs = options.leaseTtlMs;
  }

  /** Holds `lease`, requested at `requestedAtMs` of steady time, until `letGo`. */
  hold(lease: Lease, requestedAtMs: number): Hold {
    const deadlineMs = this.#deadlineMs(requestedAtMs);
    const held: HeldLease = { lease, controller: new AbortController(), deadlineMs, isReleasing: false };
    this.#held.add(held);
    this.#cancelRenewal ??= this.#renewLater();
    this.#watchDeadlines();
    return {
      signal: held.controller.signal,
      releasing: () => void (held.isReleasing = true),
      letGo: () => void this.#held.delete(held),
    };
  }

  /** Until when the lease may be relied on that was extended by a request sent at `sentAtMs`. */
  #deadlineMs(sentAtMs: number): number {
    return sentAtMs + this.#ttlMs - this.#ttlMs / safetyPart;
  }

  #renewLater(): () => void {
    return this.#clock.after(this.#ttlMs / renewalsPerTtl, () => void this.#renew());
  }

  #watchDeadlines(): void {
    this.#cancelDeadline?.();
    this.#cancelDeadline = undefined;
    if (this.#held.size === 0) return;
    const nowMs = steadyNow(this.#clock);
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const held of this.#held) {
      // Timers know whole milliseconds.
      if (held.deadlineMs - nowMs < 1) this.#abort(held, "its renewal did not get through in time");
      else earliestMs = Math.min(earliestMs, held.deadlineMs);
    }
    if (earliestMs < Number.POSITIVE_INFINITY) {
      this.#cancelDeadline = this.#clock.after(earliestMs - nowMs, () => this.#watchDeadlines());
    }
  }

  async #renew(): Promise<void> {
    const batch = [...this.#held];
    const sentAtMs = steadyNow(this.#clock);
    try {
      if (batch.length > 0) {
        const answers = await this.#store.renew(
          batch.map((held) => held.lease),
          this.#ttlMs,
        );
        for (const [index, held] of batch.entries()) {
          if (answers[index] === true) held.deadlineMs = this.#deadlineMs(sentAtMs);
          else this.#abort(held, "another process holds it, or its cursor was set by hand");
        }
      }
    } catch (error) {
      this.#logger.warn("renewing leases failed", { leases: batch.length, error });
    } finally {
      this.#cancelRenewal = this.#held.size === 0 ? undefined : this.#renewLater();
      this.#watchDeadlines();
    }
  }

  #abort(held: HeldLease, why: string): void {
    if (!this.#held.delete(held) || held.isReleasing) return;
    held.controller.abort(leaseLost(held.lease, why));
    this.#logger.warn("lost a lease", { source: formatSourceKey(held.lease.source), reason: why });
  }

  /** Lets every lease go without telling the store. */
  close(): void {
    this.#held.clear();
    this.#cancelRenewal?.();
    this.#cancelDeadline?.();
  }
}

/** The run must stop at once and emit nothing more: it may not be alone any longer. */
export function leaseLost(lease: Lease, why: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_LEASE_LOST",
    message: `the lease of ${formatSourceKey(lease.source)} (epoch ${lease.epoch}) is lost: ${why}`,
    hint: "check that the cursor store answers, unless the message names another cause",
    retryable: true,
  });
}
