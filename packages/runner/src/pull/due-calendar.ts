import type { Clock } from "@statewave-connectors/connector-sdk";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import { Agenda } from "./agenda.ts";
import type { ArmedSource } from "./armed-source.ts";
import { countDues, planStart } from "./plan-start.ts";
import type { PullObserver } from "./pull-observer.ts";

export interface DueCalendarOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: PullObserver;
  /** The time of these sources to ask for a claim has come. */
  readonly enqueue: (sources: readonly ArmedSource[]) => void;
}

/** Knows for each source when something is to be done next, meets its dues, and sleeps until the earliest of these moments. */
export class DueCalendar {
  readonly #options: DueCalendarOptions;
  readonly #moments = new Agenda<ArmedSource>();
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #cancelWake: (() => void) | undefined;
  #isStopped = false;

  constructor(options: DueCalendarOptions) {
    this.#options = options;
  }

  /** Starts a source's schedule. Nothing fires at once, except what the store remembers as unfinished or overdue. */
  arm(source: ArmedSource, state: SourceState | undefined, nowMs: number): void {
    const { entry, key } = source.pull;
    const { random, observer } = this.#options;
    source.nextDueMs = entry.schedule.nextAfterMs(nowMs);
    if (!entry.dryRun) {
      const plan = planStart({ schedule: entry.schedule, catchUp: entry.catchUp, state, nowMs, random });
      if (plan.type !== "resume" && plan.missed > 0) observer.due(key, "missed", plan.missed);
      if (plan.type !== "wait") {
        const atMs = nowMs + plan.delayMs;
        source.ask = { atMs, sinceMs: atMs, dueMs: plan.dueMs, catchUp: plan.type === "catch-up" };
      }
    }
    this.plan(source);
  }

  /** Notes when to look at the source again. To be called whenever its stage or what it wants to ask has changed. */
  plan(source: ArmedSource): void {
    this.#note(source);
    this.#sleep();
  }

  #note(source: ArmedSource): void {
    const askAtMs = source.stage === "idle" ? source.ask?.atMs : undefined;
    const atMs = Math.min(askAtMs ?? Number.POSITIVE_INFINITY, source.nextDueMs ?? Number.POSITIVE_INFINITY);
    if (atMs === Number.POSITIVE_INFINITY) this.#moments.remove(source);
    else this.#moments.put(source, atMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelWake?.();
  }

  #sleep(): void {
    const atMs = this.#moments.firstAt;
    if (this.#isStopped || atMs === this.#wakeAtMs) return;
    this.#cancelWake?.();
    this.#wakeAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    const { clock } = this.#options;
    this.#cancelWake = clock.after(Math.max(1, atMs - clock.now()), () => this.#wake());
  }

  #wake(): void {
    const nowMs = this.#options.clock.now();
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    const looked: ArmedSource[] = [];
    while (this.#moments.firstAt <= nowMs) looked.push(this.#moments.takeFirst()!.item);
    for (const source of looked) {
      if (source.nextDueMs !== undefined && source.nextDueMs <= nowMs) this.#meetDue(source, source.nextDueMs, nowMs);
    }
    this.#options.enqueue(looked.filter(({ stage, ask }) => stage === "idle" && ask !== undefined && ask.atMs <= nowMs));
    for (const source of looked) this.#note(source);
    this.#sleep();
  }

  #meetDue(source: ArmedSource, dueMs: number, nowMs: number): void {
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
    source.ask = { atMs: nowMs, sinceMs: nowMs, dueMs: latestMs, catchUp: false };
  }
}
