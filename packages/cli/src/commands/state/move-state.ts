import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import type { Operations } from "@statewave-connectors/runner/operations";
import { act } from "../acting.ts";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { toIso } from "../../terminal/json-style.ts";
import type { CommandContext } from "../command-context.ts";
import type { HeldOperations } from "../held-operations.ts";
import { withOperations } from "../with-operations.ts";
import { cursorsBefore } from "./cursors-before.ts";
import { type Configured, type CursorsToWrite, refuseUnreadable } from "./refuse-unreadable.ts";
import { type ExportedRecord, exportRecords, exportSecrets, importRecords, isExportedRecord } from "./move-records.ts";

/** What `state export` writes and `state import` reads. Times are ISO 8601. */
interface ExportedState {
  readonly version: 1;
  readonly sources: readonly ExportedSource[];
  /** Absent: none. Earlier releases ignore them. */
  readonly records?: readonly ExportedRecord[];
}

interface ExportedSource {
  /** `kind/name`. */
  readonly source: string;
  readonly cursor?: string;
  readonly finished_due?: string;
  /** A due that was begun and not finished, and when it may be resumed. */
  readonly open_due?: string;
  readonly resume_at?: string;
}

export interface MoveOptions {
  /** Also while a source runs, whose run then loses its lease, and a cursor that its connector cannot read. */
  readonly force?: boolean;
  /** Also what connectors keep in their storage, such as refresh tokens. */
  readonly withSecrets?: boolean;
  readonly yes?: boolean;
  readonly as?: string;
  readonly json?: boolean;
}

/** Copies cursors, dues and records from the state of one configuration to that of another: nothing is read again, nothing missed. */
export async function copyState(
  context: CommandContext,
  options: MoveOptions & { readonly from: string; readonly to: string },
): Promise<ExitCode> {
  const { stderr, cwd } = context.terminal;
  if (resolve(cwd, options.from) === resolve(cwd, options.to)) {
    stderr.write(
      `error: --from and --to name the same file, ${options.to}: its state would be written over itself\nhint: name the configuration of the other state with --to\n`,
    );
    return exitCode.usage;
  }
  const at = (configPath: string): CommandContext => ({ ...context, configOptions: { ...context.configOptions, configPath } });
  let exported: ExportedState | undefined;
  // Closed again before the question about the other one.
  const code = await withOperations(at(options.from), async (origin) => {
    const states = await origin.listState();
    if (options.force !== true) refuseWhileRunning(states, options.from);
    exported = await toExport(states, origin, options);
    return exitCode.ok;
  });
  if (exported === undefined || code !== exitCode.ok) return code;
  const copied = exported;
  return withOperations(at(options.to), (target, signal, config, connectors) => {
    const restoring = { command: "state copy", into: options.to, configured: { config, connectors }, exported: copied, signal };
    return restoreWhenConfirmed(context, target, restoring, options);
  });
}

/** Prints what is known of every source, and the records, as JSON. */
export function exportState(context: CommandContext, options: Pick<MoveOptions, "withSecrets"> = {}): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    const exported = await toExport(await operations.listState(), operations, options);
    context.terminal.data.write(`${JSON.stringify(exported, undefined, 2)}\n`);
    return exitCode.ok;
  });
}

/** Restores every source of an export; those that it does not name keep what they have. */
export async function importState(context: CommandContext, file: string, options: MoveOptions): Promise<ExitCode> {
  const exported = parseExport(await readExport(resolve(context.terminal.cwd, file), file), file);
  const into = context.configOptions.configPath ?? "this configuration";
  return withOperations(context, (operations, signal, config, connectors) => {
    const restoring = { command: "state import", into, configured: { config, connectors }, exported, signal };
    return restoreWhenConfirmed(context, operations, restoring, options);
  });
}

async function toExport(
  states: readonly SourceState[],
  { records: store, secretRecords }: Operations,
  { withSecrets = false }: Pick<MoveOptions, "withSecrets">,
): Promise<ExportedState> {
  const nowMs = Date.now();
  const sources = states.map(({ source, cursor, finishedDueMs, openDueMs, resumeInMs }) => ({
    source: formatSourceKey(source),
    ...(cursor === undefined ? {} : { cursor }),
    ...(finishedDueMs === undefined ? {} : { finished_due: toIso(finishedDueMs) }),
    ...(openDueMs === undefined ? {} : { open_due: toIso(openDueMs) }),
    ...(openDueMs === undefined || resumeInMs === undefined ? {} : { resume_at: toIso(nowMs + resumeInMs) }),
  }));
  const secrets = withSecrets ? await exportSecrets(secretRecords) : [];
  const records = [...(await exportRecords(store, nowMs)), ...secrets];
  return { version: 1, sources, ...(records.length === 0 ? {} : { records }) };
}

interface Restoring {
  readonly command: string;
  /** The configuration whose state is written, as the operator named it. */
  readonly into: string;
  readonly configured: Configured;
  readonly exported: ExportedState;
  readonly signal: AbortSignal;
}

async function restoreWhenConfirmed(
  context: CommandContext,
  operations: HeldOperations,
  { command, into, configured, exported, signal }: Restoring,
  options: MoveOptions,
): Promise<ExitCode> {
  const { sources, records = [] } = exported;
  const targets = sources.map(({ source }) => source);
  const states = await operations.listState();
  // Before the question: it would be answered in vain.
  if (options.force !== true) {
    refuseWhileRunning(states, "the state to write to");
    await refuseUnreadable(
      configured,
      { cursors: cursorsOf(exported), outcome: "nothing was written", hint: unreadableHint },
      signal,
    );
  }
  const stored = new Map(states.map(({ source, cursor }) => [formatSourceKey(source), cursor]));
  const replaced = sources.filter(
    ({ source, cursor }) => cursor !== undefined && ![undefined, cursor].includes(stored.get(source)),
  );
  const kept = records.length === 0 ? "" : ` and ${counted(records.length, "record")}`;
  const what = `write ${counted(sources.length, "source")}${kept} to the state of ${into}; ${counted(replaced.length, "other cursor")} there would be replaced`;
  return act(context, operations, { command, targets, what, yes: options.yes, as: options.as, signal }, async () => {
    const result = await restore(context, operations, exported, options);
    const names = new Set(replaced.map(({ source }) => source));
    const before = cursorsBefore(states.filter(({ source }) => names.has(formatSourceKey(source))));
    return { result, before, after: { sources: sources.length, records: records.length } };
  });
}

const unreadableHint =
  "set or reset the cursor where it comes from, or use --force to write it anyway: its runs then fail until it is set or reset";

function cursorsOf({ sources }: ExportedState): CursorsToWrite["cursors"] {
  return sources.flatMap(({ source, cursor }) => (cursor === undefined ? [] : [{ source: parseSourceKey(source)!, cursor }]));
}

async function restore(
  { terminal }: CommandContext,
  operations: Operations,
  { sources, records = [] }: ExportedState,
  { force = false, withSecrets = false, json = false }: MoveOptions,
): Promise<ExitCode> {
  // Before anything is written; each source is looked at once more when it is its turn.
  if (!force) refuseWhileRunning(await operations.listState(), "the state to write to");
  for (const { source, cursor, finished_due: finished, open_due: open, resume_at: resume } of sources) {
    const restored = {
      source: parseSourceKey(source)!,
      ...(cursor === undefined ? {} : { cursor }),
      ...(finished === undefined ? {} : { finishedDueMs: Date.parse(finished) }),
      ...(open === undefined ? {} : { openDueMs: Date.parse(open) }),
      ...(resume === undefined ? {} : { resumeInMs: Math.max(0, Date.parse(resume) - Date.now()) }),
    };
    await operations.restoreSource(restored, { force });
  }
  const target = withSecrets ? operations : { records: operations.records };
  const written = await importRecords(target, records, Date.now());
  const counts = [counted(sources.length, "source"), ...(records.length === 0 ? [] : [counted(written, "record")])];
  const text = json ? JSON.stringify({ sources: sources.length, records: written }) : `${counts.join(" and ")} written`;
  terminal.stdout.write(`${text}\n`);
  return exitCode.ok;
}

/** A run would move its cursor behind our back, or lose its lease to us. */
function refuseWhileRunning(states: readonly SourceState[], where: string): void {
  const running = states.filter(({ lease }) => lease !== undefined).map(({ source }) => formatSourceKey(source));
  if (running.length === 0) return;
  throw new ConnectorsError({
    code: "STORE_IN_USE",
    message: `${running.join(", ")} ${running.length === 1 ? "is" : "are"} running at this moment (${where})`,
    hint: "stop the runner or wait for the run to end; --force takes the leases away",
    retryable: true,
  });
}

async function readExport(path: string, file: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new ConnectorsError({
      code: "STORE_EXPORT_INVALID",
      message: `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: "write one with `statewave-connectors state export`; nothing was changed",
      cause,
    });
  }
}

function parseExport(text: string, file: string): ExportedState {
  const value = parseJson(text);
  const isExport =
    isRecord(value) &&
    value["version"] === 1 &&
    Array.isArray(value["sources"]) &&
    value["sources"].every(isExportedSource) &&
    hasRecords(value["records"]);
  if (isExport) return value as unknown as ExportedState;
  throw new ConnectorsError({
    code: "STORE_EXPORT_INVALID",
    message: `${file} is not an export of state (version 1)`,
    hint: "write one with `statewave-connectors state export`; nothing was changed",
  });
}

function hasRecords(records: unknown): boolean {
  return records === undefined || (Array.isArray(records) && records.every(isExportedRecord));
}

function isExportedSource(row: unknown): row is ExportedSource {
  if (!isRecord(row) || typeof row["source"] !== "string" || parseSourceKey(row["source"]) === undefined) return false;
  const times = [row["finished_due"], row["open_due"], row["resume_at"]];
  const areTimes = times.every((time) => time === undefined || (typeof time === "string" && !Number.isNaN(Date.parse(time))));
  return areTimes && (row["cursor"] === undefined || typeof row["cursor"] === "string");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
