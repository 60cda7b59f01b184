import type { Clock } from "@statewave-connectors/connector-sdk";
import { PriorityQueue, type Entry } from "./priority-queue.ts";
import { steadyNow } from "../steady-now.ts";
import type { ScheduledSource } from "./scheduled-source.ts";

/** At most one claim statement in this time, however many sources fall due together. */
const claimEveryMs = 100;
/** Up to this is added by chance: of processes in step, always the same one would come first and do most of the work. */
const claimJitterMs = 20;
/** Without a free slot a claim can only tell which of those that wait others have served. */
const lookEveryMs = 1_000;
/** More in one statement would keep the store from its other work; the rest is asked for with the next one. */
const mostPerClaim = 1_000;
/** Who waits shorter than this for the same slot is as good as at the same time. */
const turnMs = 1_000;

/** A source that waits, and its place in the row. */
export type Waiting = Entry<ScheduledSource>;

export interface LeaseQueueOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** How many ticks there is room for now. */
  readonly freeSlots: () => number;
  /** Whether anything may be claimed now. */
  readonly isOpen: () => boolean;
  /** Asks the store for them, for no more than there are free slots. Must not throw. */
  readonly claim: (batch: readonly Waiting[]) => Promise<void>;
}

/**
 * Sources that wait for the right to run, who waited longest first. All of them are asked for together, also those beyond the free slots:
 * the answer sorts out what other processes have done or are doing. Within a second the order is left to chance, so that processes which
 * meet the same dues at the same time do not all reach for the same ones.
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

  /** Puts those into the row that are idle; of any other it is known already that it wants something. */
  add(sources: readonly ScheduledSource[]): void {
    const { clock, random } = this.#options;
    const nowMs = clock.now();
    for (const source of sources) {
      if (source.stage !== "idle") continue;
      source.stage = "waiting";
      const sinceMs = Math.min(nowMs, source.ask?.sinceMs ?? nowMs);
      this.#waiting.put(source, Math.floor(sinceMs / turnMs) + random());
    }
    this.pump();
  }

  /** Puts a source back to the place it had. */
  putBack({ item, at }: Waiting): void {
    item.stage = "waiting";
    this.#waiting.put(item, at);
  }

  /** Claims what waits, as soon as that may be. To be called when a slot or the gate has opened. */
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
    const batch: Waiting[] = [];
    while (batch.length < mostPerClaim && this.#waiting.size > 0) {
      const first = this.#waiting.takeFirst()!;
      first.item.stage = "asking";
      batch.push(first);
    }
    this.#claiming = this.#options.claim(batch).finally(() => {
      this.#claiming = undefined;
      this.pump();
    });
  }
}
