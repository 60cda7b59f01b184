import type { OpenedPull } from "./opened-pull.ts";

/** How far a source's next dues are apart. Cron is costly to evaluate, and its answer changes only with each due, so it is kept. */
export class ScheduleIntervals {
  readonly #known = new WeakMap<OpenedPull, { readonly nextDueMs: number; readonly intervalMs: number | undefined }>();

  of(pull: OpenedPull, nextDueMs: number | undefined): number | undefined {
    const { schedule } = pull.entry;
    if (schedule.intervalMs !== undefined || nextDueMs === undefined) return schedule.intervalMs;
    const known = this.#known.get(pull);
    if (known?.nextDueMs === nextDueMs) return known.intervalMs;
    const followingMs = schedule.nextAfterMs(nextDueMs);
    const intervalMs = followingMs === undefined ? undefined : followingMs - nextDueMs;
    this.#known.set(pull, { nextDueMs, intervalMs });
    return intervalMs;
  }
}
