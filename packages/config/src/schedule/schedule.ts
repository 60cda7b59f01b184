// No named import: a Node.js without `hash` must reach the version check.
import crypto from "node:crypto";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { type CronDues, cronDues } from "./cron-dues.ts";
import { cronFault } from "./cron-fields.ts";
import { meantSchedule } from "./meant-schedule.ts";

/** When a source is due. Pure: the same question has the same answer in every process and after every restart. */
export interface Schedule {
  /** As it was written. */
  readonly text: string;
  /** The distance between two dues; only an `every` schedule has a fixed one. */
  readonly intervalMs?: number;
  /** The first due strictly after `ms`; undefined when there is none. */
  nextAfterMs(ms: number): number | undefined;
  /** The last due at `ms` or before; undefined when there is none. */
  latestAtOrBeforeMs(ms: number): number | undefined;
}

export interface ScheduleOptions {
  /** In which cron fields are read. `every` schedules do not depend on it. */
  readonly timezone: string;
  /** The source's key, `kind/name`: spreads `every` schedules of the same interval over it. */
  readonly key: string;
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** A century: longer ones would leave the range of dates. */
const longestIntervalMs = 36_500 * 86_400_000;

const longestShown = 100;

class ScheduleFault extends Error {}

/** How a schedule is written, where nothing better is known. */
export const scheduleHint = 'write "every 15m" (s, m, h or d) or a cron expression of 5 or 6 fields such as "0 */6 * * *"';

/** Reads `every <N><s|m|h|d>` or cron with 5 or 6 fields (then seconds come first). Throws `CONFIG_SCHEDULE_INVALID`. */
export function parseSchedule(text: string, options: ScheduleOptions): Schedule {
  try {
    return /^\s*every\b/i.test(text) ? parseEvery(text, options.key) : parseCron(text, options.timezone);
  } catch (error) {
    if (!(error instanceof ScheduleFault)) throw error;
    const meant = meantSchedule(text);
    const isOther = meant !== undefined && meant !== text.trim();
    throw new ConnectorsError({
      code: "CONFIG_SCHEDULE_INVALID",
      message: `${JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text)} is not a schedule: ${error.message}`,
      hint: isOther ? `write ${JSON.stringify(meant)}` : scheduleHint,
    });
  }
}

function parseEvery(text: string, key: string): Schedule {
  const match = /^every +(\d+)([smhd])$/.exec(text.trim());
  if (match === null)
    throw new ScheduleFault(
      '"every" must be in lower case and followed by a whole number with a unit, s, m, h or d, such as 15m',
    );
  const intervalMs = Number(match[1]) * unitMs[match[2]!]!;
  if (intervalMs === 0) throw new ScheduleFault("the interval is zero");
  if (intervalMs > longestIntervalMs) throw new ScheduleFault("the interval is longer than a century");
  const phaseMs = hashOf(key) % intervalMs;
  const latestAtOrBeforeMs = (ms: number) => Math.floor((ms - phaseMs) / intervalMs) * intervalMs + phaseMs;
  return { text, intervalMs, latestAtOrBeforeMs, nextAfterMs: (ms) => latestAtOrBeforeMs(ms) + intervalMs };
}

/** 48 bits: more than any interval has milliseconds, and exact in a double. */
function hashOf(key: string): number {
  return Number.parseInt(crypto.hash("sha256", key, "hex").slice(0, 12), 16);
}

function parseCron(text: string, timezone: string): Schedule {
  const fields = text.trim().split(/\s+/);
  // croner alone would also take dates, nicknames and a year.
  if (fields.length !== 5 && fields.length !== 6) throw new ScheduleFault(`it is neither "every …" nor cron with 5 or 6 fields`);
  const fault = cronFault(fields);
  if (fault !== undefined) throw new ScheduleFault(fault);
  const dues = readDues(fields, timezone);
  if (mayNeverFire(fields) && dues.nextAfterMs(0) === undefined) throw new ScheduleFault("no date ever matches it");
  return { text, ...dues };
}

function readDues(fields: readonly string[], timezone: string): CronDues {
  try {
    return cronDues(fields, timezone);
  } catch {
    // Each field was checked before; what is left are combinations that the library refuses, such as "15W" in a list.
    throw new ScheduleFault("its fields do not fit together");
  }
}

/** Only a day can be missing, and only from certain months; looking for a match costs more than reading the expression. */
function mayNeverFire(fields: readonly string[]): boolean {
  return fields.at(-3) !== "*" && fields.at(-2) !== "*";
}

/** Whether cron can be read in this time zone, e.g. `Europe/Berlin`. */
export function isTimezone(text: string): boolean {
  // The usual case; a zone loads the time zone data, which takes longer than all the rest of a small file.
  if (text === "UTC") return true;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
