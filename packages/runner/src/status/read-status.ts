import type { ConnectorsConfig } from "@statewave-connectors/config";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { InboxStats } from "@statewave-connectors/connector-sdk/inbox";
import type { SourceState, StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { type EntryName, entryNamesOf, formatEntryName } from "../entry-name.ts";
import { PauseRecords } from "../pauses/pause-records.ts";
import { storedReadings } from "../progress/readings.ts";
import { inTurns } from "../turns.ts";
import { RunRecords } from "../runs/run-records.ts";
import { foreignCursors } from "../sink-binding/foreign-cursors.ts";
import type { SinkIdentity } from "../sink-binding/sink-identity.ts";
import { countQueue, type CountQueued, type ListQueued } from "./count-queue.ts";
import { EntryNotes } from "./entry-notes.ts";
import { judgePull, judgePush } from "./judge-entry.ts";
import { readBeats } from "./process-beat.ts";
import type { EntryCondition, EntryStatus, InboxStatus, OverallCondition, StatusReport } from "./status-report.ts";

/** What a status is read from: the same through a running process and on an opened state. */
export interface StatusOf {
  readonly records: StoreRecords;
  /** The configured one, to which cursors should belong. Absent: that is not looked at. */
  readonly sink?: SinkIdentity | undefined;
  readonly listState: () => Promise<readonly SourceState[]>;
  readonly inboxStats: () => Promise<InboxStats>;
  /** Both absent: the queue is not counted by source. */
  readonly countQueued?: CountQueued | undefined;
  readonly listQueued?: ListQueued | undefined;
}

/** How everything stands: a few requests to the store, however many entries there are. */
export async function readStatus(
  { records, sink, listState, inboxStats, countQueued, listQueued }: StatusOf,
  config: Pick<ConnectorsConfig, "pull" | "push">,
  nowMs: number,
): Promise<StatusReport> {
  const notes = new EntryNotes(records);
  const [states, summaries, pullNotes, pushNotes, pauses, beats, readings, stats] = await Promise.all([
    listState(),
    new RunRecords(records).summaries(kindsOf(config.pull)),
    notes.read("pull", kindsOf(config.pull)),
    notes.read("push", kindsOf(config.push)),
    new PauseRecords(records).list(),
    readBeats(records),
    storedReadings(records),
    // The rest is worth showing without it.
    inboxStats().catch(() => undefined),
  ]);
  const foreign = sink === undefined ? undefined : await foreignCursors({ sink, records, states });
  const stateOf = new Map(states.map((state) => [formatSourceKey(state.source), state]));
  const pauseOf = new Map(pauses.map((pause) => [formatEntryName(pause), pause]));
  const lettersOf = countLetters(stats);
  const queuedOf = await countQueue(stats, { countQueued, listQueued });
  const scheduleOf = new Map(config.pull.map((entry) => [formatSourceKey(entry), entry]));
  const isPulled = new Set(scheduleOf.keys());
  const isReceived = new Set(config.push.map(formatSourceKey));
  const judged: EntryStatus[] = [];
  // Notices read it again and again, and 10,000 schedules would hold the event loop.
  await inTurns(entryNamesOf(config), (name) => void judged.push(judge(name)));
  const entries = judged.toSorted(byUrgency);
  const processes = beats.map((beat) => ({
    ...beat,
    holds: states.filter(({ lease }) => lease?.owner === beat.owner).map(({ source }) => formatSourceKey(source)),
  }));
  const inbox = toInboxStatus(stats);
  return { atMs: nowMs, condition: overall({ entries, inbox, processes }), entries, inbox, processes };

  function judge(name: EntryName): EntryStatus {
    const key = formatSourceKey(name.source);
    const entry = name.direction === "pull" ? scheduleOf.get(key) : undefined;
    const common = {
      nowMs,
      note: (name.direction === "pull" ? pullNotes : pushNotes).get(formatEntryName(name)),
      pause: pauseOf.get(formatEntryName(name)),
      // Letters name a source: where both directions have it, they are the pull's.
      deadLetters: name.direction === "push" && isPulled.has(key) ? 0 : (lettersOf.get(key) ?? 0),
      // What waits came in by a receiver.
      queued: name.direction === "pull" && isReceived.has(key) ? undefined : queuedOf(name.source),
    };
    if (entry === undefined) return judgePush(name, common);
    const facts = { entry, state: stateOf.get(key), summary: summaries.get(key), reading: readings.get(key) };
    return judgePull(name, { ...common, ...facts, cursorOf: foreign?.get(key) });
  }
}

function kindsOf(entries: readonly { readonly kind: string }[]): readonly string[] {
  return entries.map(({ kind }) => kind);
}

/** The worst first. */
const urgency: readonly EntryCondition[] = ["failing", "standing", "late", "waiting", "paused", "running", "new", "idle"];

function byUrgency(left: EntryStatus, right: EntryStatus): number {
  const difference = urgency.indexOf(left.condition) - urgency.indexOf(right.condition);
  return difference === 0 ? compareTexts(nameOf(left), nameOf(right)) : difference;
}

function nameOf({ direction, source }: EntryName): string {
  return `${formatSourceKey(source)} ${direction}`;
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

const urgent: ReadonlySet<EntryCondition> = new Set(["standing", "late", "waiting", "paused"]);

function overall({ entries, inbox, processes }: Pick<StatusReport, "entries" | "inbox" | "processes">): OverallCondition {
  const sinks = processes.map(({ sink }) => sink.status);
  if (
    entries.some(({ condition }) => condition === "failing") ||
    sinks.some((status) => status === "failing" || status === "stopped")
  )
    return "failing";
  const isCalm =
    entries.every(({ condition, cursorOf }) => !urgent.has(condition) && cursorOf === undefined) && !sinks.includes("limited");
  return isCalm && inbox !== undefined && inbox.deadLetters === 0 && processes.length > 0 ? "well" : "attention";
}

function toInboxStatus(stats: InboxStats | undefined): InboxStatus | undefined {
  if (stats === undefined) return undefined;
  const { depth, bytes, oldestAcceptedAtMs, deadLetters } = stats;
  return { depth, bytes, oldestAcceptedAtMs, deadLetters: deadLetters.reduce((sum, { count }) => sum + count, 0) };
}

function countLetters(stats: InboxStats | undefined): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { source, count } of stats?.deadLetters ?? []) {
    const key = formatSourceKey(source);
    counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return counts;
}
