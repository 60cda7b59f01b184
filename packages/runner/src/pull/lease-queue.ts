import type { Clock } from "@statewave-connectors/connector-sdk";
import { PriorityQueue, type Prioritised } from "./priority-queue.ts";
import { steadyNow } from "../steady-now.ts";
import type { ScheduledSource } from "./scheduled-source.ts";

/** At most one claim statement in this time, however many sources fall due together. */
const claimEveryMs = 100;
/** Up to this is added by chance: of processes in step, always the same one would come first and do most of the work. */
const claimJitterMs = 20;
/** Without a free slot a claim only shows which of the queued sources other processes have run. */
const lookEveryMs = 1_000;
/** More in one statement would keep the store from its other work; the rest is claimed with the next one. */
const mostPerClaim = 1_000;
/** Sources that have waited equally long, to within this, are in random order. */
const turnMs = 1_000;

/** A source in the queue, and its place there. */
export type QueuedSource = Prioritised<ScheduledSource>;

export interface LeaseQueueOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** How many more runs may begin now. */
  readonly freeSlots: () => number;
  /** Whether anything may be claimed now. */
  readonly isOpen: () => boolean;
  /** Claims leases for them, no more than there are free slots. Must not throw. */
  readonly claim: (batch: readonly QueuedSource[]) => Promise<void>;
}

/**
 * Sources that wait for a lease, the one that has waited longest first. All of them are claimed together, also those beyond the free slots:
 * the answer shows what other processes have run or are running. Within a second the order is random, so that processes which meet the
 * same dues at the same time do not all claim the same ones first.
 */
export class LeaseQueue {
  readonly #options: LeaseQueueOptions;
  readonly #waiting = new PriorityQueue<ScheduledSource>();
  #lastClaimAtMs = Number.NEGATIVE_INFINITY;
  #jitterMs = 0;
  #claiming: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #isStopped = false;

  constructor(options: LeaseQueueOptions) {
    this.#options = options;
  }

  /** Queues those that are idle; of any other it is known already that it needs a run. */
  add(sources: readonly ScheduledSource[]): void {
    const { clock, random } = this.#options;
    const nowMs = clock.now();
    for (const source of sources) {
      if (!source.enqueue()) continue;
      const sinceMs = Math.min(nowMs, source.claim?.sinceMs ?? nowMs);
      this.#waiting.put(source, Math.floor(sinceMs / turnMs) + random());
    }
    this.pump();
  }

  /** Forgets a source that has left. */
  remove(source: ScheduledSource): void {
    this.#waiting.remove(source);
  }

  /** Puts a source back to the place it had. */
  putBack({ item, priority }: QueuedSource): void {
    item.putBack();
    this.#waiting.put(item, priority);
  }

  /** Claims what is queued, as soon as it may. To be called when a slot is free or the sink takes episodes again. */
  pump(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { clock, isOpen, freeSlots } = this.#options;
    if (this.#isStopped || this.#claiming !== undefined || this.#waiting.size === 0 || !isOpen()) return;
    const pauseMs = freeSlots() > 0 ? claimEveryMs : lookEveryMs;
    const sinceLastMs = steadyNow(clock) - this.#lastClaimAtMs;
    const inMs = pauseMs + this.#jitterMs - sinceLastMs;
    // Timers know whole milliseconds.
    if (inMs > 0) this.#cancelTimer = clock.after(Math.ceil(inMs), () => this.pump());
    else this.#claim();
  }

  /** Claims nothing more; resolves when the claim that is under way is answered. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    await this.#claiming;
  }

  #claim(): void {
    const { clock, random } = this.#options;
    this.#lastClaimAtMs = steadyNow(clock);
    this.#jitterMs = random() * claimJitterMs;
    const batch: QueuedSource[] = [];
    while (batch.length < mostPerClaim) {
      const first = this.#waiting.takeFirst();
      if (first === undefined) break;
      first.item.beginClaim();
      batch.push(first);
    }
    this.#claiming = this.#options.claim(batch).finally(() => {
      this.#claiming = undefined;
      this.pump();
    });
  }
}
