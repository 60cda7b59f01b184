import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import type { AcquireRequest, AcquireResult, CursorStore, Lease } from "@statewave-connectors/connector-sdk/store";
import type { Delivery } from "../delivery/delivery.ts";
import { pausedError } from "../delivery/delivery-errors.ts";
import { steadyNow } from "../steady-now.ts";
import type { QueuedSource } from "./lease-queue.ts";
import { storeRetryMs } from "./plan-end-of-lease.ts";
import type { PlannedClaim, Postponement } from "./planned-claim.ts";
import { busyError } from "./pull-errors.ts";
import type { PullObserver } from "./pull-observer.ts";
import type { ScheduleClock } from "./schedule-clock.ts";
import type { ScheduledSource } from "./scheduled-source.ts";

/** A lease, and the claim that it was granted for. */
export interface LeaseGrant {
  readonly lease: Lease;
  /** Undefined: a run was requested without a due. */
  readonly claim: PlannedClaim | undefined;
  /** When it was requested, steady time. */
  readonly requestedAtMs: number;
}

export interface LeaseClaimsOptions {
  readonly store: Pick<CursorStore, "acquire">;
  /** Unique per process. */
  readonly owner: string;
  readonly leaseTtlMs: number;
  readonly clock: Clock;
  /** By which dues are met. */
  readonly schedule: ScheduleClock;
  readonly logger: Logger;
  readonly observer: Pick<PullObserver, "due">;
  readonly delivery: Pick<Delivery, "pausedUntilMs">;
  readonly freeSlots: () => number;
  readonly putBack: (queued: QueuedSource) => void;
  /** A dry run needs no lease. */
  readonly onDryRun: (source: ScheduledSource) => void;
  readonly onGranted: (source: ScheduledSource, grant: LeaseGrant) => void;
  /** The source is to return to its schedule. */
  readonly onIdle: (source: ScheduledSource) => void;
}

/** A queued source, and what was claimed for it: meanwhile a newer due may come. */
interface Claimed {
  readonly queued: QueuedSource;
  readonly source: ScheduledSource;
  readonly claim: PlannedClaim | undefined;
}

const shortestRecheckMs = 250;
const earlyRecheckMs = 1_000;

/** Claims leases from the store, and does with each source what the answer says. */
export class LeaseClaims {
  readonly #options: LeaseClaimsOptions;

  constructor(options: LeaseClaimsOptions) {
    this.#options = options;
  }

  /** Starts dry runs, and claims leases for the others: in one statement, at most as many as there are free slots. Never rejects. */
  async claim(batch: readonly QueuedSource[]): Promise<void> {
    const { store, clock, schedule, logger } = this.#options;
    const nowMs = clock.now();
    const claimed: Claimed[] = [];
    for (const queued of batch) {
      const { item: source } = queued;
      if (isPausedByOperator(source)) this.#options.onIdle(source);
      else if (source.pull.entry.dryRun) this.#startDryRun(queued);
      else if (!this.#isRefusedBySink(source, nowMs)) claimed.push({ queued, source, claim: claimOf(source, schedule.now()) });
    }
    if (claimed.length === 0) return;
    const requestedAtMs = steadyNow(clock);
    try {
      const results = await store.acquire(
        claimed.map((each) => this.#toRequest(each)),
        { atMost: this.#options.freeSlots() },
      );
      for (const [index, each] of claimed.entries()) this.#answered(each, results[index], requestedAtMs);
    } catch (error) {
      logger.error("claiming dues failed; trying again", { sources: claimed.length, next_attempt_in_ms: storeRetryMs, error });
      // Those before the failure are answered already.
      for (const { source } of claimed)
        if (source.stage === "claiming") this.#claimAgain(source, { waitMs: storeRetryMs }, error);
    }
  }

  #toRequest({ source, claim }: Claimed): AcquireRequest {
    const { owner, leaseTtlMs } = this.#options;
    return { source: source.pull.key, owner, ttlMs: leaseTtlMs, ...(claim === undefined ? {} : { dueMs: claim.dueMs }) };
  }

  #startDryRun(queued: QueuedSource): void {
    if (this.#options.freeSlots() > 0) this.#options.onDryRun(queued.item);
    else this.#options.putBack(queued);
  }

  /** Whether the source waits because the sink refused it over and over: its requests are refused, and its due is claimed later. */
  #isRefusedBySink(source: ScheduledSource, nowMs: number): boolean {
    const untilMs = this.#options.delivery.pausedUntilMs(source.pull.key);
    if (untilMs === undefined || untilMs <= nowMs) return false;
    this.#claimAgain(source, { waitMs: untilMs - nowMs, losesPlace: true }, pausedError(source.pull.key, untilMs));
    return true;
  }

  #answered({ queued, source, claim }: Claimed, result: AcquireResult | undefined, requestedAtMs: number): void {
    const { schedule, observer, onGranted, onIdle, putBack } = this.#options;
    if (result === undefined) throw new TypeError("the store answered fewer claims than it was sent");
    if (result.granted) {
      onGranted(source, { lease: result.lease, claim, requestedAtMs });
    } else if (result.reason === "surplus") {
      if (claim !== undefined && source.claim !== claim) observer.due(source.pull.key, "missed", 1);
      putBack(queued);
    } else if (result.reason === "finished") {
      source.settleClaim(claim);
      if (claim !== undefined) schedule.dueWasFinished(source.finishedDueMs);
      onIdle(source);
    } else if (result.reason === "early") {
      if (claim !== undefined) schedule.dueWasEarly(claim.dueMs);
      this.#claimAgain(source, { waitMs: earlyRecheckMs });
    } else if (result.reason === "waiting") {
      // Other processes have likely run it meanwhile: it must not wait a second time only to learn that.
      this.#claimAgain(source, { waitMs: Math.max(shortestRecheckMs, result.retryInMs), losesPlace: true });
    } else {
      const waitMs = Math.max(shortestRecheckMs, result.retryInMs);
      this.#claimAgain(source, { waitMs }, busyError(source.pull.key));
    }
  }

  /** Its due is claimed later. Requested runs are refused with `error`; without one they are claimed at once, without the due. */
  #claimAgain(source: ScheduledSource, wait: Omit<Postponement, "nowMs">, error?: unknown): void {
    source.postponeClaim({ nowMs: this.#options.schedule.now(), ...wait });
    if (error !== undefined) source.refuseRequests(error);
    this.#options.onIdle(source);
  }
}

/** An operator paused it while it was queued, and no person requests a run. */
function isPausedByOperator({ isPaused, isRequested }: ScheduledSource): boolean {
  return isPaused && !isRequested;
}

/** A requested run claims no due before its time, nor that of a paused source: it need not wait until an unfinished run resumes. */
function claimOf({ claim, isRequested, isPaused }: ScheduledSource, nowMs: number): PlannedClaim | undefined {
  return isRequested && claim !== undefined && (isPaused || claim.atMs > nowMs) ? undefined : claim;
}
