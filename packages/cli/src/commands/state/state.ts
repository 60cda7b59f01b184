import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import type { Operations } from "@statewave-connectors/runner/operations";
import { act, type ActingFlags } from "../acting.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { formatAge } from "../../terminal/format-age.ts";
import { formatTable, type TableColumn } from "../../terminal/format-table.ts";
import { type SourceFacts, stateToJson } from "../../terminal/json-style.ts";
import type { CommandContext } from "../command-context.ts";
import { hintFormat } from "../../terminal/repeat-config.ts";
import { hasPullEntry, unknownSource } from "../unknown-source.ts";
import { withOperations } from "../with-operations.ts";
import { type Configured, refuseUnreadable } from "./refuse-unreadable.ts";

/** Lists every source of the store or the configuration: the age of its cursor, its run, and its dues. */
export function listState(context: CommandContext, options: { readonly json?: boolean }): Promise<ExitCode> {
  return withOperations(context, async (operations, _signal, config) => {
    const states = await operations.listState();
    const { stdout } = context.terminal;
    const nowMs = Date.now();
    const rows = states.length === 0 ? [] : [...states, ...configuredWithout(states, config)];
    const { configuredSink, foreignCursors } = await import("@statewave-connectors/runner/operations");
    const foreign = await foreignCursors({ sink: configuredSink(config), records: operations.records, states });
    const paused = await pausedPulls(operations);
    const facts = (source: SourceKey): SourceFacts => {
      const key = formatSourceKey(source);
      return { ...factsOf(source, config, nowMs), cursorOf: foreign.get(key), isPaused: paused.has(key) };
    };
    if (options.json === true) {
      const json = rows.map((state) => stateToJson(state, facts(state.source), nowMs));
      stdout.write(`${JSON.stringify(json, undefined, 2)}\n`);
    } else if (rows.length === 0) {
      stdout.write("no source has any state yet\n");
    } else {
      const cells = rows.map((state) => toCells(state, facts(state.source), nowMs));
      stdout.write(formatTable(header, cells, { lineWidth: stdout.isTTY === true ? stdout.columns : undefined }));
      if (foreign.size > 0) context.terminal.stderr.write(hintFormat(context)(`hint: ${foreignHint}\n`));
    }
    return exitCode.ok;
  });
}

const foreignHint =
  "run `statewave-connectors state reset --all` to send everything to the configured sink, or `statewave-connectors state adopt --all` to keep the cursors";

const header: readonly TableColumn[] = [
  "SOURCE",
  "CURSOR",
  { title: "RUN", fromWidth: 80 },
  { title: "LAST DUE DONE", fromWidth: 100 },
  { title: "NEXT DUE", fromWidth: 60 },
  "NOTE",
];

/** None where the pauses cannot be read: the list is of use without them. */
async function pausedPulls({ records }: Operations): Promise<ReadonlySet<string>> {
  const { PauseRecords } = await import("@statewave-connectors/runner/entries");
  const pauses = await new PauseRecords(records).list().catch(() => []);
  return new Set(pauses.flatMap(({ direction, source }) => (direction === "pull" ? [formatSourceKey(source)] : [])));
}

function toCells(
  state: SourceState,
  { isConfigured, nextDueMs, cursorOf, isPaused = false }: SourceFacts,
  nowMs: number,
): readonly string[] {
  const { source, updatedAtMs, finishedDueMs } = state;
  return [
    formatSourceKey(source),
    updatedAtMs === undefined ? "none" : `${formatAge(nowMs - updatedAtMs)} old`,
    runOf(state),
    finishedDueMs === undefined ? "-" : `${formatAge(nowMs - finishedDueMs)} ago`,
    isPaused ? "paused" : nextDueMs === undefined ? "-" : `in ${formatAge(nextDueMs - nowMs)}`,
    [isConfigured ? [] : ["orphan: not configured"], cursorOf === undefined ? [] : [`cursor of ${cursorOf.join(", ")}`]]
      .flat()
      .join("; "),
  ];
}

function runOf({ lease, openDueMs, resumeInMs }: SourceState): string {
  if (lease !== undefined) return "running";
  if (openDueMs === undefined) return "-";
  return resumeInMs === undefined || resumeInMs <= 0 ? "unfinished" : `unfinished, resumes in ${formatAge(resumeInMs)}`;
}

function factsOf(source: SourceKey, config: ConnectorsConfig, nowMs: number): SourceFacts {
  const entry = config.pull.find(({ kind, name }) => kind === source.kind && name === source.name);
  return { isConfigured: entry !== undefined, nextDueMs: entry?.schedule.nextAfterMs(nowMs) };
}

function configuredWithout(states: readonly SourceState[], { pull }: ConnectorsConfig): readonly SourceState[] {
  const known = new Set(states.map(({ source }) => formatSourceKey(source)));
  return pull
    .filter((entry) => !known.has(formatSourceKey(entry)))
    .map(({ kind, name }) => ({ source: { kind, name }, epoch: 0 }));
}

interface JsonFlag {
  readonly json?: boolean;
}

/** Prints a source's cursor as it is stored; exit code 1 when there is none. */
export function getState(context: CommandContext, source: SourceKey, { json = false }: JsonFlag): Promise<ExitCode> {
  return withOperations(context, async (operations, _signal, config) => {
    const cursor = await operations.getCursor(source);
    if (cursor === undefined) {
      context.terminal.stderr.write(await noCursor(source, config));
      return exitCode.failed;
    }
    context.terminal.data.write(json ? `${JSON.stringify({ source: formatSourceKey(source), cursor })}\n` : `${cursor}\n`);
    return exitCode.ok;
  });
}

/** How a change is confirmed, recorded and printed. */
type ChangeOptions = Readonly<ActingFlags> & JsonFlag;

export interface SetOptions extends ChangeOptions {
  /** Also for a source that the configuration does not name, and a cursor that its connector cannot read. */
  readonly force?: boolean;
}

/** Sets a source's cursor by hand; a run of it loses its lease. */
export function setState(
  context: CommandContext,
  source: SourceKey,
  cursor: string,
  { force = false, json = false, yes, as }: SetOptions,
): Promise<ExitCode> {
  return withOperations(context, async (operations, signal, config, connectors) => {
    if (!force) await refuseUnusable({ config, connectors, source, cursor }, signal);
    const name = formatSourceKey(source);
    const isReplaced = (await operations.getCursor(source)) !== undefined;
    const what = isReplaced ? `replace the cursor of ${name}` : `set the cursor of ${name}, which has none`;
    return act(context, operations, { command: "state set", targets: [name], what, yes, as, signal }, async () => {
      const before = await operations.getCursor(source);
      await operations.setCursor(source, cursor);
      context.terminal.stdout.write(json ? `${JSON.stringify({ source: name, cursor })}\n` : `${name}: cursor set\n`);
      return { result: exitCode.ok, before: { cursor: before }, after: { cursor } };
    });
  });
}

interface SetCursor extends Configured {
  readonly source: SourceKey;
  readonly cursor: string;
}

/** Throws `RUNNER_ENTRY_UNKNOWN`, and the error of the connector for a cursor from which no run could begin. */
async function refuseUnusable({ config, connectors, source, cursor }: SetCursor, signal: AbortSignal): Promise<void> {
  if (!hasPullEntry(source, config)) throw await unknownSource(source, config, " (or use --force to set the cursor anyway)");
  const hint = `pass one that \`statewave-connectors state history ${formatSourceKey(source)} --json\` or a back-up shows, or use --force to set it anyway`;
  const written = { cursors: [{ source, cursor }], outcome: "the cursor was not set", hint };
  await refuseUnreadable({ config, connectors }, written, signal);
}

/** Forgets a source's cursor: the next run reads from the beginning. Exit code 1 when there was none. */
export function deleteState(
  context: CommandContext,
  source: SourceKey,
  { json = false, yes = false, as }: ChangeOptions,
): Promise<ExitCode> {
  return withOperations(context, async (operations, signal, config) => {
    const name = formatSourceKey(source);
    const what = `forget the cursor of ${name}, so that its next run reads from the beginning`;
    // No answer is needed where there is nothing to forget: that is reported.
    const confirmed = { what, yes: yes || (await operations.getCursor(source)) === undefined, signal };
    return act(context, operations, { command: "state delete", targets: [name], ...confirmed, as }, async () => {
      const before = await operations.getCursor(source);
      const deleted = await operations.deleteCursor(source);
      const { stdout, stderr } = context.terminal;
      if (json) stdout.write(`${JSON.stringify({ source: name, deleted })}\n`);
      else if (deleted) stdout.write(`${name}: cursor deleted; the next run reads from the beginning\n`);
      if (!deleted) stderr.write(await noCursor(source, config));
      return { result: deleted ? exitCode.ok : exitCode.failed, before: { cursor: before }, after: {} };
    });
  });
}

async function noCursor(source: SourceKey, config: ConnectorsConfig): Promise<string> {
  const none = `${formatSourceKey(source)} has no cursor`;
  if (hasPullEntry(source, config)) return `${none}\n`;
  const { message, hint } = await unknownSource(source, config);
  return `${none}: ${message}\nhint: ${hint}\n`;
}
