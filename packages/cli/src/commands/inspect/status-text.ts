import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { EntryCondition, EntryStatus, StatusReport } from "@statewave-connectors/runner/status";
import { oneLine } from "../../terminal/clean-terminal.ts";
import { counted } from "../../terminal/counted.ts";
import { formatAge } from "../../terminal/format-age.ts";
import { formatTable } from "../../terminal/format-table.ts";

export interface StatusFormat {
  /** Characters in a line of the terminal. Undefined: nothing is cut or left out. */
  readonly lineWidth: number | undefined;
}

interface Column {
  readonly title: string;
  /** It is left out of narrower terminals. */
  readonly fromWidth: number;
  readonly cell: (entry: EntryStatus, nowMs: number) => string;
}

const columns: readonly Column[] = [
  { title: "STATE", fromWidth: 0, cell: ({ condition }) => words[condition] },
  { title: "ENTRY", fromWidth: 0, cell: ({ direction, source }) => `${direction}:${formatSourceKey(source)}` },
  { title: "LAST OK", fromWidth: 60, cell: ({ lastSuccessMs }, nowMs) => ago(lastSuccessMs, nowMs) },
  {
    title: "NEXT DUE",
    fromWidth: 80,
    cell: ({ nextDueMs, pause, direction }, nowMs) => {
      if (pause !== undefined && direction === "pull") return "paused";
      return nextDueMs === undefined ? "-" : `in ${formatAge(nextDueMs - nowMs)}`;
    },
  },
  { title: "LAG", fromWidth: 90, cell: ({ lagMs }) => (lagMs === undefined || lagMs === 0 ? "-" : formatAge(lagMs)) },
  {
    title: "CURSOR",
    fromWidth: 100,
    cell: ({ cursorAgeMs }) => (cursorAgeMs === undefined ? "-" : `${formatAge(cursorAgeMs)} old`),
  },
  { title: "QUEUE", fromWidth: 80, cell: queueOf },
  { title: "DEAD", fromWidth: 60, cell: ({ deadLetters }) => (deadLetters === 0 ? "-" : String(deadLetters)) },
  { title: "NOTE", fromWidth: 0, cell: noteOf },
];

const words: Readonly<Record<EntryCondition, string>> = {
  failing: "FAILING",
  standing: "STANDING",
  late: "LATE",
  waiting: "waiting",
  paused: "paused",
  running: "running",
  new: "new",
  idle: "idle",
};

/** A line for each entry, the worst first, then the inbox, the processes and the sum. */
export function formatStatus(report: StatusReport, { lineWidth }: StatusFormat): string {
  const { entries, atMs } = report;
  const shown = columns.filter(({ fromWidth }) => lineWidth === undefined || lineWidth >= fromWidth);
  const rows = entries.map((entry) => shown.map(({ cell }) => cell(entry, atMs)));
  const titles = shown.map(({ title }) => title);
  return `${rows.length === 0 ? "" : formatTable(titles, rows, { lineWidth })}${closingLines(report).join("\n")}\n`;
}

/** What a program that follows the status prints when it changes: nothing that changes with time alone. */
export function changedLines(report: StatusReport): readonly string[] {
  const lines = report.entries.map((entry) => {
    const { condition, direction, source, error, pause, failures } = entry;
    const why =
      error === undefined
        ? ""
        : `: ${oneLine(error.message)} [${error.code}]${failures > 1 ? `, ${failures} times in a row` : ""}`;
    return `${words[condition]} ${direction}:${formatSourceKey(source)}${pause === undefined ? why : pausedBy(pause)}${foreignCursor(
      entry,
    )
      .map((part) => `; ${part}`)
      .join("")}`;
  });
  return [...lines, ...inboxLines(report), ...processLines(report), `overall: ${verdicts[report.condition]}`];
}

/** How much waits as a power of ten: what comes and is delivered again does not change it. */
function inboxLines({ inbox }: StatusReport): readonly string[] {
  if (inbox === undefined) return ["inbox: cannot be read from here"];
  const most = 10 ** Math.max(1, String(inbox.depth).length);
  return [`inbox: fewer than ${most} waiting`, `inbox: ${counted(inbox.deadLetters, "dead letter")}`];
}

function queueOf({ queued }: EntryStatus): string {
  if (queued === undefined || (queued.count === 0 && queued.isWhole)) return "-";
  return queued.isWhole ? String(queued.count) : `${queued.count}+`;
}

function noteOf(entry: EntryStatus, nowMs: number): string {
  const { condition, pause, error, failures, standing, owner, resumeAtMs, remaining } = entry;
  const parts = [
    ...foreignCursor(entry),
    ...(pause === undefined ? [] : [pausedBy(pause).replace(/^, /, "")]),
    ...(error === undefined ? [] : [`${oneLine(error.message)} [${error.code}]`]),
    ...(failures > 1 ? [`${failures} failures in a row`] : []),
    ...(standing === undefined ? [] : [`the cursor stands since ${formatAge(nowMs - standing.sinceMs)} while episodes come`]),
    ...(condition === "waiting" && error?.retryAtMs !== undefined
      ? [`tries again in ${formatAge(error.retryAtMs - nowMs)}`]
      : []),
    ...(condition !== "waiting" && resumeAtMs !== undefined && resumeAtMs > nowMs
      ? [`resumes in ${formatAge(resumeAtMs - nowMs)}`]
      : []),
    ...(remaining === undefined
      ? []
      : [`${Math.floor(remaining.fraction * 100)}% read, about ${formatAge(remaining.remainingMs)} left`]),
    ...(owner === undefined ? [] : [`run by ${oneLine(processOf(owner))}`]),
  ];
  return parts.filter((part) => part !== "").join("; ");
}

/** What it passed over is not sent to the configured sink. */
function foreignCursor({ cursorOf }: EntryStatus): readonly string[] {
  if (cursorOf === undefined) return [];
  return [`cursor of ${oneLine(cursorOf.join(", "))}: run state reset to send everything again, or state adopt to keep it`];
}

function pausedBy({ requests: [first] }: NonNullable<EntryStatus["pause"]>): string {
  if (first === undefined) return "";
  const { by, reason } = first;
  const name = by.as === undefined ? by.user : `${by.as} (${by.user})`;
  return `, by ${oneLine(name)}${reason === undefined ? "" : `: ${oneLine(reason)}`}`;
}

function closingLines(report: StatusReport): readonly string[] {
  const { inbox, atMs } = report;
  const oldest = inbox?.oldestAcceptedAtMs === undefined ? "" : `, the oldest ${formatAge(atMs - inbox.oldestAcceptedAtMs)} old`;
  const inboxLine =
    inbox === undefined
      ? "inbox: cannot be read from here"
      : `inbox: ${inbox.depth} waiting${oldest}; ${counted(inbox.deadLetters, "dead letter")}`;
  return [inboxLine, ...processLines(report, atMs), sumOf(report)];
}

function processLines({ processes }: StatusReport, nowMs?: number): readonly string[] {
  if (processes.length === 0) return ["process: none runs, or none has given a sign of life for a minute"];
  return processes.map(({ host, pid, version, startedAtMs, holds, sink }) => {
    const why = sink.reason === undefined ? "" : `: ${oneLine(sink.reason)}`;
    const since = nowMs === undefined ? "" : `, up ${formatAge(nowMs - startedAtMs)}, runs ${holds.length}`;
    return `process: ${oneLine(`${host}:${pid}`)} (${oneLine(version)})${since}; sink ${oneLine(sink.label)} ${sink.status}${why}`;
  });
}

function sumOf({ entries, condition }: StatusReport): string {
  const counts = new Map<EntryCondition, number>();
  for (const entry of entries) counts.set(entry.condition, (counts.get(entry.condition) ?? 0) + 1);
  const parts = [...counts].map(([name, count]) => `${count} ${name}`);
  return `${verdicts[condition]}: ${counted(entries.length, "entry").replace("entrys", "entries")}${parts.length === 0 ? "" : ` (${parts.join(", ")})`}`;
}

const verdicts = { well: "all is well", attention: "needs attention", failing: "failing" } as const;

function ago(atMs: number | undefined, nowMs: number): string {
  return atMs === undefined ? "-" : `${formatAge(nowMs - atMs)} ago`;
}

/** `host:pid` of the owner of a lease. */
function processOf(owner: string): string {
  return owner.split(":").slice(0, 2).join(":");
}
