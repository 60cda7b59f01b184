import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { BackfillRequest, BackfillView, Operations, RangeCount } from "@statewave-connectors/runner/operations";
import { backfillLine, backfillProgress } from "./backfill-progress.ts";
import { backfillToJson, rangeCountToJson } from "./backfill-json.ts";
import { act } from "../acting.ts";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { formatAge } from "../../terminal/format-age.ts";
import { formatTable, type TableColumn } from "../../terminal/format-table.ts";
import { toIso } from "../../terminal/json-style.ts";
import type { CommandContext } from "../command-context.ts";
import { instantForms, parseInstantMs } from "../parse-instant.ts";
import { hintFormat } from "../../terminal/repeat-config.ts";
import { withOperations } from "../with-operations.ts";

/** The range of a backfill. */
export interface ParsedRange {
  /** ISO 8601. */
  readonly since: string;
  readonly until: string;
  /** As it was written. */
  readonly text: string;
}

export interface BackfillOptions {
  readonly range: ParsedRange;
  readonly stream?: string;
  /** Episodes a second. */
  readonly rate?: number;
  readonly expect?: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly as?: string;
  readonly json?: boolean;
}

/** The range that the arguments name, or what is wrong with them. Ages count back from `nowMs`. */
export function parseRange(
  { since, until }: { readonly since: string; readonly until?: string | undefined },
  nowMs: number,
): ParsedRange | string {
  const fromMs = parseInstantMs(since, nowMs);
  if (fromMs === undefined) return `--since ${since} is ${instantForms}`;
  const toMs = until === undefined ? nowMs : parseInstantMs(until, nowMs);
  if (toMs === undefined) return `--until ${until} is ${instantForms}`;
  if (fromMs >= toMs) return `--until ${until ?? "now"} is not later than --since ${since}`;
  return { since: toIso(fromMs), until: toIso(toMs), text: `${since}..${until ?? ""}` };
}

/** Reads a range again, or resumes that; with `--dry-run` counts it. */
export function backfill(context: CommandContext, source: SourceKey, options: BackfillOptions): Promise<ExitCode> {
  const { terminal } = context;
  const { range, stream, rate: perSecond, expect: expected, json = false } = options;
  const request = { source, since: range.since, until: range.until, rangeText: range.text, stream, perSecond, expected };
  const name = formatSourceKey(source);
  return withOperations(context, async (operations, signal, config) => {
    const { entryNamesOf, requireEntry } = await import("@statewave-connectors/runner/entries");
    requireEntry({ direction: "pull", source }, entryNamesOf(config));
    const progress = backfillProgress(terminal, { json, nowMs: () => performance.now() });
    if (options.dryRun === true) {
      const found = await operations.countRange(request, progress.show, signal).finally(() => progress.end());
      terminal.stdout.write(
        json ? `${JSON.stringify({ count: rangeCountToJson(name, request, found) })}\n` : countText(name, found),
      );
      return exitCode.ok;
    }
    const of = stream === undefined ? "" : `, stream ${stream},`;
    const pace = perSecond === undefined ? "" : ` at ${formatRate(perSecond)}`;
    const { id, left } = await findBackfill(operations, request);
    const what =
      left === undefined
        ? `read ${name}${of} from ${range.since} to ${range.until} again and deliver it${pace}; --dry-run counts the episodes first`
        : `continue the backfill ${left.id}, which reads ${name}${of} from ${left.since} to ${left.until}${pace}`;
    const acting = { command: "backfill", targets: [name], what, yes: options.yes, as: options.as, signal };
    return act(context, operations, acting, async () => {
      // An age means another range than it did when the backfill began.
      if (left !== undefined && left.since !== range.since)
        terminal.stderr.write(`${name}: continues the backfill ${left.id}, from ${left.since} to ${left.until}\n`);
      if (json) terminal.stdout.write(`${JSON.stringify({ begun: { id } })}\n`);
      const ended = await operations.backfill(request, progress.show, signal).finally(() => progress.end());
      terminal.stdout.write(json ? `${JSON.stringify({ backfill: backfillToJson(ended) })}\n` : endText(ended));
      if (ended.buried + ended.failed > 0)
        terminal.stderr.write(
          hintFormat(context)("hint: look at what was not delivered with `statewave-connectors dead-letters list`\n"),
        );
      return { result: exitCode.ok, after: backfillToJson(ended) };
    });
  });
}

/** The id of the backfill that is requested; `left`: the one that it resumes. */
async function findBackfill(
  operations: Operations,
  { source, rangeText, stream }: BackfillRequest,
): Promise<{ readonly id: string; readonly left: BackfillView | undefined }> {
  const { backfillId, isResumable } = await import("@statewave-connectors/runner/operations");
  const id = backfillId(source, rangeText, stream);
  return { id, left: (await operations.listBackfills()).find((each) => each.id === id && isResumable(each)) };
}

const header: readonly TableColumn[] = [
  "ID",
  "SOURCE",
  { title: "SINCE", fromWidth: 140 },
  { title: "UNTIL", fromWidth: 140 },
  { title: "STREAM", fromWidth: 120 },
  "STATE",
  { title: "DONE", fromWidth: 60 },
  { title: "LEFT", fromWidth: 80 },
  { title: "EPISODES", fromWidth: 80 },
  { title: "CHANGED", fromWidth: 100 },
  "NOTE",
];

/** Lists every backfill that the state remembers. */
export function listBackfills(context: CommandContext, { json = false }: { readonly json?: boolean }): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    const { stdout } = context.terminal;
    const backfills = await operations.listBackfills();
    if (json) for (const each of backfills) stdout.write(`${JSON.stringify(backfillToJson(each))}\n`);
    else if (backfills.length === 0) stdout.write("no backfills\n");
    else
      stdout.write(
        formatTable(
          header,
          backfills.map((each) => toCells(each, Date.now())),
          { lineWidth: stdout.isTTY === true ? stdout.columns : undefined },
        ),
      );
    return exitCode.ok;
  });
}

/** Ends a backfill for good. */
export function cancelBackfill(
  context: CommandContext,
  id: string,
  { yes, as, json = false }: { readonly yes?: boolean; readonly as?: string; readonly json?: boolean },
): Promise<ExitCode> {
  return withOperations(context, async (operations, signal) => {
    const { terminal } = context;
    const found = (await operations.listBackfills()).find((each) => each.id === id);
    const source = found?.source;
    // No answer is needed to an id that names nothing: the error says so.
    const confirmed = { what: `cancel the backfill ${id} of ${source}`, yes: yes === true || source === undefined, signal };
    const acting = { command: "backfill cancel", targets: [id], ...confirmed, as };
    return act(context, operations, acting, async () => {
      const cancelled = await operations.cancelBackfill(id);
      terminal.stdout.write(
        json
          ? `${JSON.stringify({ backfill: backfillToJson(cancelled) })}\n`
          : `${id}: cancelled after ${counted(cancelled.delivered, "delivered episode")} of ${cancelled.source}\n`,
      );
      const before = found && backfillToJson(found);
      return { result: exitCode.ok, before, after: backfillToJson(cancelled) };
    });
  });
}

function toCells(view: BackfillView, nowMs: number): readonly string[] {
  const { id, source, since, until, stream = "-", status, runningIn, remaining, delivered, updatedAtMs, error } = view;
  const state = status !== "open" ? status : runningIn === undefined ? "waiting for a process" : "running";
  return [
    id,
    source,
    since,
    until,
    stream,
    state,
    remaining === undefined ? "-" : `${Math.floor(remaining.fraction * 100)}%`,
    remaining === undefined || status !== "open" ? "-" : formatAge(remaining.remainingMs),
    String(delivered),
    `${formatAge(nowMs - updatedAtMs)} ago`,
    error === undefined
      ? runningIn === undefined
        ? ""
        : `process ${runningIn.pid} on ${runningIn.host}`
      : `${error.message} [${error.code}]`,
  ];
}

function endText(view: BackfillView): string {
  return `${view.source}: backfill ${view.id} ${view.status}: ${backfillLine(view)}\n`;
}

function countText(name: string, { episodes, skipped, failed, byKind, firstAt, lastAt }: RangeCount): string {
  const between = firstAt === undefined ? "" : `, from ${firstAt} to ${lastAt}`;
  const rest = `${skipped === 0 ? "" : `, ${skipped} skipped`}${failed === 0 ? "" : `, ${failed} cannot be mapped`}`;
  const kinds = Object.entries(byKind).toSorted(([, left], [, right]) => right - left);
  return `${name}: ${counted(episodes, "episode")} would be delivered${between}${rest}\n${kinds.map(([kind, count]) => `  ${count}  ${kind}\n`).join("")}`;
}

function formatRate(perSecond: number): string {
  return perSecond >= 1 ? `${perSecond} episodes a second` : `${Math.round(perSecond * 3_600)} episodes an hour`;
}
