import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { NoticeEvent } from "@statewave-connectors/config/result";
import { formatEntryName } from "../../entry-name.ts";
import { isOwnCode } from "../../health/sources/trouble.ts";
import type { EntryStatus } from "../../status/status-report.ts";
import type { RenewedWatch } from "../../watches/renewal-record.ts";
import type { Absence } from "./decide-incidents.ts";
import { defuse } from "./defuse.ts";
import { durationText } from "../duration-text.ts";
import { type SeenTrouble, troubleKey } from "./incident.ts";
import { isQuiet, longestSilenceMs, type Rhythm } from "./receiver-rhythm.ts";

/** What is known besides the status of the entry. */
export interface JudgeContext {
  readonly nowMs: number;
  /** Of the process that has been up for the longest. */
  readonly uptimeMs: number;
  readonly isSinkDown: boolean;
  readonly knowsInbox: boolean;
  /** What providers keep for pull sources, by `kind/name`. */
  readonly watches: ReadonlyMap<string, RenewedWatch>;
  /** By `kind/name` of receivers. */
  readonly rhythms: ReadonlyMap<string, Rhythm>;
}

/** What passes by itself is a trouble only when it came so often in a row. */
const failuresUntilTrouble = 3;
const paused = { unwatched: "the entry is paused" } as const;

/** What is wrong with one entry, or unknown, by the key of the trouble. What is well is left out. Pure. */
export function* judgeEntry(status: EntryStatus, facts: JudgeContext): Generator<readonly [string, SeenTrouble | Absence]> {
  const judges = status.direction === "pull" ? pullJudges : pushJudges;
  const entry = formatEntryName(status);
  for (const [event, judge] of judges) {
    const found = judge(status, facts);
    const key = troubleKey(event, entry);
    if (typeof found === "object" && "text" in found) {
      yield [key, { key, event, entry, sinceMs: found.sinceMs, text: `${entry} ${found.text}` }];
    } else if (found !== "well") yield [key, found];
  }
}

/** A trouble without what names it, or how it is absent. */
type Found = Pick<SeenTrouble, "sinceMs" | "text"> | Absence;
type Judge = (status: EntryStatus, facts: JudgeContext) => Found;

function judgeFailing(status: EntryStatus, { nowMs }: JudgeContext): Found {
  const { pause, condition, error, failures, unhealthySinceMs } = status;
  if (pause !== undefined || condition === "waiting") return "unknown";
  if (error === undefined) return "well";
  // Also of a source that is read while only its watch is in trouble.
  if (error.code === "PULL_WATCH_EXPIRING") return "well";
  if (isOwnCode(error.code)) return "unknown";
  if (unhealthySinceMs === undefined && failures < failuresUntilTrouble) return "unknown";
  const often = failures > 1 ? `, ${failures} times in a row` : "";
  return { sinceMs: unhealthySinceMs ?? nowMs, text: `fails${often}: ${defuse(error.message)} [${defuse(error.code)}]` };
}

function judgeRuns(status: EntryStatus, { nowMs, uptimeMs, isSinkDown }: JudgeContext): Found {
  const { pause, condition, lagMs, lateAfterMs } = status;
  if (pause !== undefined) return paused;
  if (lagMs === undefined || lateAfterMs === undefined || lagMs <= lateAfterMs) return "well";
  // What else is wrong is reported; and dues of a downtime are caught up first.
  if (condition !== "late" || isSinkDown || uptimeMs <= lateAfterMs) return "unknown";
  const dueMs = nowMs - lagMs;
  return { sinceMs: dueMs, text: `has finished no run since its due at ${iso(dueMs)}, more than two intervals ago` };
}

function judgeCursor({ pause, standing }: EntryStatus): Found {
  if (pause !== undefined) return paused;
  if (standing === undefined) return "well";
  return { sinceMs: standing.sinceMs, text: `brought episodes in ${standing.runs} runs and its cursor stayed as it was` };
}

function judgeWatch({ source }: EntryStatus, { nowMs, watches }: JudgeContext): Found {
  const watch = watches.get(formatSourceKey(source));
  if (watch === undefined || watch.expiresAtMs - nowMs >= watch.warnBeforeMs) return "well";
  const end = watch.expiresAtMs > nowMs ? "expires" : "expired";
  const text = `has a watch at its provider that was not renewed and ${end} at ${iso(watch.expiresAtMs)}`;
  return { sinceMs: watch.expiresAtMs - watch.warnBeforeMs, text };
}

function judgeLetters({ deadLetters }: EntryStatus, { nowMs, knowsInbox }: JudgeContext): Found {
  if (!knowsInbox) return "unknown";
  if (deadLetters === 0) return "well";
  return { sinceMs: nowMs, text: `has ${deadLetters} dead ${deadLetters === 1 ? "letter" : "letters"}` };
}

function judgeArrivals({ source, pause }: EntryStatus, { nowMs, rhythms }: JudgeContext): Found {
  if (pause !== undefined) return paused;
  const rhythm = rhythms.get(formatSourceKey(source));
  if (rhythm === undefined || !isQuiet(rhythm, nowMs)) return "well";
  const [silence, longest] = [nowMs - rhythm.lastMs, longestSilenceMs(rhythm) ?? 0].map(durationText);
  const text = `has received no webhook for ${silence}; its longest silence in the week before was ${longest}`;
  return { sinceMs: rhythm.lastMs, text };
}

const pullJudges: readonly (readonly [NoticeEvent, Judge])[] = [
  ["source_failing", judgeFailing],
  ["run_missing", judgeRuns],
  ["cursor_standing", judgeCursor],
  ["watch_ending", judgeWatch],
  ["dead_letters", judgeLetters],
];
const pushJudges: readonly (readonly [NoticeEvent, Judge])[] = [
  ["source_failing", judgeFailing],
  ["receiver_quiet", judgeArrivals],
  ["dead_letters", judgeLetters],
];

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
