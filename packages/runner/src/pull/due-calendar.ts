import type { Clock } from "@statewave-connectors/connector-sdk";
import { maxDueAheadMs, type SourceState } from "@statewave-connectors/connector-sdk/store";
import { PriorityQueue } from "./priority-queue.ts";
import type { ScheduledSource } from "./scheduled-source.ts";
import { ClockWatch } from "./clock-watch.ts";
import { countDues, planStart } from "./plan-start.ts";
import type { PullObserver } from "./pull-observer.ts";

export interface DueCalendarOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: PullObserver;
  /** The time of these sources to ask for a claim has come. */
  readonly enqueue: (sources: readonly ScheduledSource[]) => void;
  /** The clock was set by so much, back if negative; everything is planned anew afterwards. */
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
    const { entry, key } = source.pull;
    const { random, observer } = this.#options;
    if (this.#sources.size === 0) this.#watch.start();
    this.#sources.add(source);
    source.finishedDueMs = state?.finishedDueMs;
    source.nextDueMs = entry.schedule.nextAfterMs(nowMs);
    if (!entry.dryRun) {
      const plan = planStart({ schedule: entry.schedule, catchUp: entry.catchUp, state, nowMs, random });
      if (plan.type !== "resume" && plan.missed > 0) observer.due(key, "missed", plan.missed);
      if (plan.type !== "wait") {
        const atMs = nowMs + plan.delayMs;
        source.ask = { atMs, waitMs: plan.delayMs, sinceMs: atMs, dueMs: plan.dueMs, catchUp: plan.type === "catch-up" };
      }
    }
    this.plan(source);
  }

  /** Notes when to look at the source again. To be called whenever its stage or what it wants to ask has changed. */
  plan(source: ScheduledSource): void {
    this.#note(source);
    this.#sleep();
  }

  #note(source: ScheduledSource): void {
    const askAtMs = source.stage === "idle" ? source.ask?.atMs : undefined;
    const atMs = Math.min(askAtMs ?? Number.POSITIVE_INFINITY, source.nextDueMs ?? Number.POSITIVE_INFINITY);
    if (atMs === Number.POSITIVE_INFINITY) this.#moments.remove(source);
    else this.#moments.put(source, atMs);
  }

  /**
   * Plans everything anew after the clock was set by so much, or its correction has changed: nothing waits longer than it was to. A source
   * whose next due would come later than before runs once in between, because its dues of this time may be finished already.
   */
  planAnew(byMs = 0): void {
    const nowMs = this.#options.clock.now();
    for (const source of this.#sources) {
      const { schedule } = source.pull.entry;
      const inMs = (source.nextDueMs ?? Number.POSITIVE_INFINITY) - (nowMs - byMs);
      const nextMs = firstUnfinishedMs(source, nowMs);
      if (nextMs !== undefined) source.nextDueMs = Math.min(source.nextDueMs ?? nextMs, nextMs);
      const { ask } = source;
      if (ask !== undefined) {
        const dueMs = ask.dueMs > nowMs ? (schedule.latestAtOrBeforeMs(nowMs) ?? ask.dueMs) : ask.dueMs;
        source.ask = { ...ask, atMs: Math.min(ask.atMs, nowMs + ask.waitMs), dueMs };
      } else if (byMs < 0 && source.stage === "idle" && nowMs + inMs < (nextMs ?? Number.POSITIVE_INFINITY)) {
        const atMs = nowMs + Math.max(0, inMs);
        source.ask = { atMs, waitMs: Math.max(0, inMs), sinceMs: atMs, dueMs: atMs, catchUp: true };
      }
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
    const atMs = this.#moments.firstAt;
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
    this.planAnew(byMs);
  }

  #wake(): void {
    const nowMs = this.#options.clock.now();
    this.#cancelWake?.();
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    const looked: ScheduledSource[] = [];
    while (this.#moments.firstAt <= nowMs) looked.push(this.#moments.takeFirst()!.item);
    for (const source of looked) {
      if (source.nextDueMs !== undefined && source.nextDueMs <= nowMs) this.#meetDue(source, source.nextDueMs, nowMs);
    }
    this.#options.enqueue(looked.filter(({ stage, ask }) => stage === "idle" && ask !== undefined && ask.atMs <= nowMs));
    for (const source of looked) this.#note(source);
    this.#sleep();
  }

  #meetDue(source: ScheduledSource, dueMs: number, nowMs: number): void {
    const { key, entry } = source.pull;
    const { observer } = this.#options;
    const latestMs = entry.schedule.latestAtOrBeforeMs(nowMs) ?? dueMs;
    const passedOver = countDues(entry.schedule, dueMs, latestMs);
    if (passedOver > 0) observer.due(key, "missed", passedOver);
    source.nextDueMs = entry.schedule.nextAfterMs(nowMs);
    if (source.stage === "running") {
      observer.due(key, "skipped", 1);
      return;
    }
    // A former due that still waits for its slot gives way to this one.
    if (source.stage === "waiting" && source.ask !== undefined) observer.due(key, "missed", 1);
    source.ask = { atMs: nowMs, waitMs: 0, sinceMs: nowMs, dueMs: latestMs, catchUp: false };
  }
}

/** The next due that is not finished already, when the clock shows a time for the second time. */
function firstUnfinishedMs({ pull, finishedDueMs }: ScheduledSource, nowMs: number): number | undefined {
  const { schedule } = pull.entry;
  const nextMs = schedule.nextAfterMs(nowMs);
  if (nextMs === undefined || finishedDueMs === undefined || nextMs > finishedDueMs) return nextMs;
  // Further ahead of its time a finished due says nothing.
  return finishedDueMs <= nextMs + maxDueAheadMs ? schedule.nextAfterMs(finishedDueMs) : nextMs;
}
