import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ConnectorsError, formatSourceKey, parseSourceKey, type SourceState } from "@statewave-connectors/connector-sdk";
import type { Operations } from "@statewave-connectors/runner";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { CommandContext } from "../program.ts";
import { withOperations } from "../with-operations.ts";

/** What `state export` writes and `state import` reads. */
interface ExportedState {
  readonly version: 1;
  readonly cursors: readonly { readonly source: string; readonly cursor: string }[];
}

export interface MoveOptions {
  /** Also while a tick is running, which then loses its lease. */
  readonly force?: boolean;
}

/** Copies every cursor from the state of one configuration to that of another: nothing is read again. */
export function copyState(
  context: CommandContext,
  options: MoveOptions & { readonly from: string; readonly to: string },
): Promise<ExitCode> {
  const at = (configPath: string): CommandContext => ({ ...context, configOptions: { ...context.configOptions, configPath } });
  return withOperations(at(options.from), async (origin) => {
    const states = await origin.listState();
    if (options.force !== true) refuseWhileRunning(states, options.from);
    const { cursors } = toExport(states);
    return withOperations(at(options.to), (target) => writeCursors(context, target, cursors, options));
  });
}

/** Prints every cursor as JSON. */
export function exportState(context: CommandContext): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    context.terminal.stdout.write(`${JSON.stringify(toExport(await operations.listState()), undefined, 2)}\n`);
    return exitCode.ok;
  });
}

/** Sets every cursor of an export; sources that it does not name keep theirs. */
export async function importState(context: CommandContext, file: string, options: MoveOptions): Promise<ExitCode> {
  const { cursors } = parseExport(await readFile(resolve(context.terminal.cwd, file), "utf8"), file);
  return withOperations(context, (operations) => writeCursors(context, operations, cursors, options));
}

function toExport(states: readonly SourceState[]): ExportedState {
  const cursors = states.flatMap(({ source, cursor }) =>
    cursor === undefined ? [] : [{ source: formatSourceKey(source), cursor }],
  );
  return { version: 1, cursors };
}

async function writeCursors(
  context: CommandContext,
  operations: Operations,
  cursors: ExportedState["cursors"],
  { force = false }: MoveOptions,
): Promise<ExitCode> {
  if (!force) refuseWhileRunning(await operations.listState(), "the state to write to");
  for (const { source, cursor } of cursors) {
    const key = parseSourceKey(source);
    if (key !== undefined) await operations.setCursor(key, cursor);
  }
  context.terminal.stdout.write(`${cursors.length} cursors written\n`);
  return exitCode.ok;
}

/** A tick that is running would move its cursor behind our back, or lose its lease to us. */
function refuseWhileRunning(states: readonly SourceState[], where: string): void {
  const running = states.filter(({ lease }) => lease !== undefined).map(({ source }) => formatSourceKey(source));
  if (running.length === 0) return;
  throw new ConnectorsError({
    code: "STORE_IN_USE",
    message: `${running.join(", ")} is being synced at this moment (${where})`,
    hint: "stop the runner or wait for the tick to end; --force takes the leases away",
    retryable: true,
  });
}

function parseExport(text: string, file: string): ExportedState {
  const value = parseJson(text);
  const isExport =
    isRecord(value) &&
    value["version"] === 1 &&
    Array.isArray(value["cursors"]) &&
    value["cursors"].every(
      (row) =>
        isRecord(row) &&
        typeof row["source"] === "string" &&
        parseSourceKey(row["source"]) !== undefined &&
        typeof row["cursor"] === "string",
    );
  if (isExport) return value as unknown as ExportedState;
  throw new ConnectorsError({
    code: "STORE_EXPORT_INVALID",
    message: `${file} is not an export of cursors (version 1)`,
    hint: "write one with `statewave-connectors state export`; nothing was changed",
  });
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
