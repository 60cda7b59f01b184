import { Cron } from "croner";
import { ZoneClock } from "./zone-clock.ts";

/** The dues of a cron expression. */
export interface CronDues {
  /** The first due strictly after `ms`; undefined when there is none. */
  nextAfterMs(ms: number): number | undefined;
  /** The last due at `ms` or before; undefined when there is none. */
  latestAtOrBeforeMs(ms: number): number | undefined;
}

/**
 * The dues of checked cron fields in a time zone. At a change of the clock, an expression for every hour follows the clock:
 * a skipped hour has no due, a repeated one has two. One that names hours has one due for each of its times.
 */
export function cronDues(fields: readonly string[], timezone: string): CronDues {
  const pattern = fields.join(" ");
  const follows = timezone === "UTC" || isEveryHour(fields.at(-4) ?? "*");
  return follows ? duesInZone(pattern, timezone) : duesByWallTime(pattern, timezone);
}

function isEveryHour(field: string): boolean {
  return field.split(",").some((part) => ["*", "*/1", "0-23", "0-23/1"].includes(part));
}

function duesInZone(pattern: string, timezone: string): CronDues {
  const cron = () => recentCron(pattern, timezone);
  cron();
  return {
    nextAfterMs: (ms) => cron().nextRun(new Date(ms))?.getTime(),
    // croner looks strictly before its reference, and runs are on whole seconds.
    latestAtOrBeforeMs: (ms) =>
      cron()
        .previousRuns(1, new Date(Math.floor(ms / 1000) * 1000 + 1000))[0]
        ?.getTime(),
  };
}

/** The expression is read on a clock without jumps, and each of its times is then looked up in the zone. */
function duesByWallTime(pattern: string, timezone: string): CronDues {
  const wall = duesInZone(pattern, "UTC");
  const instantOf = (wallMs: number | undefined) =>
    wallMs === undefined ? undefined : recentZone(timezone).firstInstantOf(wallMs);
  return {
    nextAfterMs: (ms) => instantOf(wall.nextAfterMs(recentZone(timezone).latestWallAt(ms))),
    latestAtOrBeforeMs: (ms) => instantOf(wall.latestAtOrBeforeMs(recentZone(timezone).latestWallAt(ms))),
  };
}

/**
 * A parsed expression takes 80 KB (croner lists ten thousand years) but only some 20 µs to make, so a thousand sources must not hold one
 * each. The last one is kept: many sources in a row often have the same schedule.
 */
let lastCron: { readonly pattern: string; readonly timezone: string; readonly cron: Cron } | undefined;

function recentCron(pattern: string, timezone: string): Cron {
  if (lastCron?.pattern !== pattern || lastCron.timezone !== timezone)
    lastCron = { pattern, timezone, cron: new Cron(pattern, { timezone, mode: "5-or-6-parts" }) };
  return lastCron.cron;
}

/** A process has one time zone. */
let lastZone: ZoneClock | undefined;

function recentZone(timezone: string): ZoneClock {
  if (lastZone?.timezone !== timezone) lastZone = new ZoneClock(timezone);
  return lastZone;
}
