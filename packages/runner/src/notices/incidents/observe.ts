import type { StoreRole, WriteStatus } from "../../health/stores/write-health.ts";
import { formatEntryName } from "../../entry-name.ts";
import type { StatusReport } from "../../status/status-report.ts";
import { durationText } from "../duration-text.ts";
import { defuse } from "./defuse.ts";
import type { Absence, NoticesView } from "./decide-incidents.ts";
import { type SeenTrouble, troubleKey } from "./incident.ts";
import { judgeEntry, type JudgeContext } from "./observe-entry.ts";

/** What is known at one look. */
export interface Facts {
  readonly nowMs: number;
  /** Undefined: the state cannot be read. */
  readonly seen: SeenState | undefined;
  /** Stores that take no writes, as this process sees them. */
  readonly unwritable: readonly { readonly store: StoreRole; readonly status: WriteStatus; readonly reason: string }[];
  /** Disks that this process writes to. Undefined: they could not be looked at. */
  readonly fullDisks: readonly { readonly folder: string; readonly message: string }[] | undefined;
}

/** What the state shows. */
export interface SeenState extends Pick<JudgeContext, "watches" | "rhythms"> {
  readonly report: StatusReport;
}

export interface ObserveOptions {
  readonly inboxAgeMs: number;
}

type Verdict = SeenTrouble | Absence;

/** What is wrong, by everything that is known. Pure. */
export function observe(facts: Facts, { inboxAgeMs }: ObserveOptions): NoticesView {
  const verdicts = new Map<string, Verdict>();
  const put = (key: string, verdict: Verdict) => void verdicts.set(key, verdict);
  for (const { store, status, reason } of facts.unwritable) {
    const key = troubleKey("state_unwritable", store);
    const what = status === "unreachable" ? "is unreachable" : "cannot be written to";
    const text = `${storeNames[store]} ${what}: ${defuse(reason)}`;
    put(key, { key, event: "state_unwritable", sinceMs: facts.nowMs, text });
  }
  for (const { folder, message } of facts.fullDisks ?? []) {
    const key = troubleKey("disk_full", folder);
    put(key, { key, event: "disk_full", sinceMs: facts.nowMs, text: message });
  }
  const { seen } = facts;
  const sink = seen === undefined ? "unknown" : sinkVerdict(seen.report);
  put("sink_down", sink);
  put("inbox_old", seen === undefined ? "unknown" : inboxVerdict(seen.report, inboxAgeMs));
  const entries = new Set<string>();
  for (const entry of seen?.report.entries ?? []) {
    entries.add(formatEntryName(entry));
    for (const [key, verdict] of judgeEntry(entry, entryFacts(facts.nowMs, seen, isTrouble(sink)))) put(key, verdict);
  }
  const absenceOf = ({ key, event, entry }: SeenTrouble): Absence => {
    const verdict = verdicts.get(key);
    if (verdict !== undefined) return isTrouble(verdict) ? "unknown" : verdict;
    if (event === "disk_full") return facts.fullDisks === undefined ? "unknown" : "well";
    if (event === "state_unwritable") return "well";
    if (seen === undefined) return "unknown";
    return entry === undefined || entries.has(entry) ? "well" : { unwatched: "the entry is no longer configured" };
  };
  return { troubles: [...verdicts.values()].filter(isTrouble), absenceOf };
}

const storeNames = { cursor_store: "the cursor store", inbox: "the inbox" } as const;

function isTrouble(verdict: Verdict): verdict is SeenTrouble {
  return typeof verdict === "object" && "key" in verdict;
}

function entryFacts(nowMs: number, seen: SeenState | undefined, isSinkDown: boolean): JudgeContext {
  const { report, watches = new Map(), rhythms = new Map() } = seen ?? {};
  const uptimeMs = Math.max(0, ...(report?.processes ?? []).map(({ startedAtMs }) => nowMs - startedAtMs));
  return { nowMs, uptimeMs, isSinkDown, knowsInbox: report?.inbox !== undefined, watches, rhythms };
}

function sinkVerdict({ processes, atMs }: StatusReport): Verdict {
  const sinks = processes.map(({ sink }) => sink);
  const down = sinks.find(({ status }) => status === "stopped") ?? sinks.find(({ status }) => status === "failing");
  if (down === undefined) return sinks.some(({ status }) => status !== "unknown") ? "well" : "unknown";
  const what = down.status === "stopped" ? "the sink refuses everything" : "the sink takes nothing";
  const reason = down.reason === undefined ? "" : `: ${defuse(down.reason)}`;
  return { key: "sink_down", event: "sink_down", sinceMs: down.sinceMs ?? atMs, text: what + reason };
}

function inboxVerdict({ inbox, atMs }: StatusReport, inboxAgeMs: number): Verdict {
  if (inbox === undefined) return "unknown";
  const { oldestAcceptedAtMs = atMs, depth } = inbox;
  if (atMs - oldestAcceptedAtMs <= inboxAgeMs) return "well";
  const text = `the oldest of ${depth} waiting webhooks was accepted ${durationText(atMs - oldestAcceptedAtMs)} ago`;
  return { key: "inbox_old", event: "inbox_old", sinceMs: oldestAcceptedAtMs, text };
}
