import type { Clock } from "@statewave-connectors/connector-sdk";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import { ClockWatch } from "./clock-watch.ts";
import { countDues, planStart } from "./plan-start.ts";
import { planClaim, type PlannedClaim } from "./planned-claim.ts";
import { PriorityQueue } from "./priority-queue.ts";
import type { PullObserver } from "./pull-observer.ts";
import type { ScheduledSource } from "./scheduled-source.ts";

export interface DueCalendarOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: PullObserver;
  /** The time has come to claim the dues of these sources. */
  readonly enqueue: (sources: readonly ScheduledSource[]) => void;
  /** The clock was set by so much, back if negative; everything is planned again afterwards. */
  readonly onClockSet: (byMs: number) => void;
}

/**
 * Knows for each source when something is to be done next, meets its dues, and sleeps until the earliest of these moments. A clock that is
 * set back or forward meanwhile is noticed within half a minute.
 */
export class DueCalendar {
  readonly #options: DueCalendarOptions;
  readonly #moments = new PriorityQueue<ScheduledSource>();
  readonly #sources = new Set<ScheduledSource>();
  readonly #watch: ClockWatch;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #cancelWake: (() => void) | undefined;
  #isStopped = false;

  constructor(options: DueCalendarOptions) {
    this.#options = options;
    this.#watch = new ClockWatch({ clock: options.clock, onStep: (byMs) => this.#clockSet(byMs) });
  }

  /** Starts a source's schedule. Nothing fires at once, except what the store remembers as unfinished or overdue. */
  arm(source: ScheduledSource, state: SourceState | undefined, nowMs: number): void {
    if (this.#sources.size === 0) this.#watch.start();
    this.#sources.add(source);
    const nextDueMs = source.pull.entry.schedule.nextAfterMs(nowMs);
    source.arm({ nextDueMs, claim: this.#firstClaim(source, state, nowMs) }, state?.finishedDueMs);
    this.reschedule(source);
  }

  /** Ends a source's schedule. */
  disarm(source: ScheduledSource): void {
    this.#sources.delete(source);
    this.#moments.remove(source);
    this.#sleep();
  }

  /** Notes when to look at the source again. To be called whenever its stage or its claim has changed. */
  reschedule(source: ScheduledSource): void {
    this.#note(source);
    this.#sleep();
  }

  #firstClaim(
    { pull: { entry, key } }: ScheduledSource,
    state: SourceState | undefined,
    nowMs: number,
  ): PlannedClaim | undefined {
    if (entry.dryRun) return undefined;
    const { random, observer } = this.#options;
    const plan = planStart({ schedule: entry.schedule, catchUp: entry.catchUp, state, nowMs, random });
    if (plan.type !== "resume" && plan.missed > 0) observer.due(key, "missed", plan.missed);
    if (plan.type === "wait" && plan.missed > 0) observer.duesDropped?.(key);
    return plan.type === "wait"
      ? undefined
      : planClaim({ dueMs: plan.dueMs, nowMs, waitMs: plan.delayMs, isCatchUp: plan.type === "catch-up" });
  }

  #note(source: ScheduledSource): void {
    const atMs = source.nextMomentMs;
    if (atMs === Number.POSITIVE_INFINITY) this.#moments.remove(source);
    else this.#moments.put(source, atMs);
  }

  /** Plans everything again after the clock was set by so much, or its correction has changed. */
  rescheduleAll(byMs = 0): void {
    const nowMs = this.#options.clock.now();
    for (const source of this.#sources) {
      source.clockSet(nowMs, byMs);
      this.#note(source);
    }
    this.#wakeAtMs = Number.NaN;
    this.#watch.start();
    this.#sleep();
  }

  stop(): void {
    this.#isStopped = true;
    this.#watch.stop();
    this.#cancelWake?.();
  }

  #sleep(): void {
    const atMs = this.#moments.firstPriority;
    if (this.#isStopped || atMs === this.#wakeAtMs) return;
    this.#cancelWake?.();
    this.#wakeAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    const { clock } = this.#options;
    const delayMs = Math.max(1, atMs - clock.now());
    const expectedMs = clock.now() + delayMs;
    this.#cancelWake = clock.after(delayMs, () => {
      // A clock that was set back shows at once: it is not yet time.
      if (clock.now() < atMs) this.#watch.compare(expectedMs);
      this.#wake();
    });
  }

  #clockSet(byMs: number): void {
    if (this.#isStopped) return;
    this.#options.onClockSet(byMs);
    this.rescheduleAll(byMs);
  }

  #wake(): void {
    const nowMs = this.#options.clock.now();
    this.#cancelWake?.();
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    const looked: ScheduledSource[] = [];
    while (this.#moments.firstPriority <= nowMs) {
      const first = this.#moments.takeFirst();
      if (first !== undefined) looked.push(first.item);
    }
    for (const source of looked) {
      if (source.nextDueMs !== undefined && source.nextDueMs <= nowMs) this.#meetDue(source, source.nextDueMs, nowMs);
    }
    this.#options.enqueue(looked.filter((source) => source.isClaimable(nowMs)));
    for (const source of looked) this.#note(source);
    this.#sleep();
  }

  #meetDue(source: ScheduledSource, dueMs: number, nowMs: number): void {
    const { key, entry } = source.pull;
    const { observer } = this.#options;
    const latestMs = entry.schedule.latestAtOrBeforeMs(nowMs) ?? dueMs;
    const passedOver = countDues(entry.schedule, dueMs, latestMs);
    if (passedOver > 0) observer.due(key, "missed", passedOver);
    const met = source.meetDue(latestMs, entry.schedule.nextAfterMs(nowMs), nowMs);
    if (met === "skipped" || met === "paused") observer.due(key, met, 1);
    if (met === "replaced") observer.due(key, "missed", 1);
  }
}
