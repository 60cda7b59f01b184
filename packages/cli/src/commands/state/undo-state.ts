import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { HistoryView } from "@statewave-connectors/runner/operations";
import { act } from "../acting.ts";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { formatAge } from "../../terminal/format-age.ts";
import { formatTable, type TableColumn } from "../../terminal/format-table.ts";
import { toIso } from "../../terminal/json-style.ts";
import type { CommandContext } from "../command-context.ts";
import { withOperations } from "../with-operations.ts";

const header: readonly TableColumn[] = ["CHANGE", "WHEN", "BY", { title: "PROCESS", fromWidth: 60 }, "CURSOR BEFORE"];

/** Lists the latest changes of a source's cursor; exit code 1 when none is known. */
export function showHistory(
  context: CommandContext,
  source: SourceKey,
  { json = false }: { readonly json?: boolean },
): Promise<ExitCode> {
  return withOperations(context, async (operations, _signal, config) => {
    const { stdout, data } = context.terminal;
    const changes = await operations.listHistory(source);
    if (changes.length === 0) return noChange(context, source, config);
    if (json) for (const change of changes) data.write(`${JSON.stringify(toJson(source, change))}\n`);
    else {
      const rows = changes.map((change) => toCells(change, Date.now()));
      stdout.write(formatTable(header, rows, { lineWidth: stdout.isTTY === true ? stdout.columns : undefined }));
    }
    return exitCode.ok;
  });
}

/** A source that has left the configuration keeps its changes, and one that was mistyped never had any. */
async function noChange({ terminal }: CommandContext, source: SourceKey, config: ConnectorsConfig): Promise<ExitCode> {
  const { entryNamesOf, requireEntry } = await import("@statewave-connectors/runner/entries");
  requireEntry({ direction: "pull", source }, entryNamesOf(config));
  terminal.stderr.write(`no change of the cursor of ${formatSourceKey(source)} is known\n`);
  return exitCode.failed;
}

export interface UndoOptions {
  readonly to?: number;
  readonly yes?: boolean;
  readonly as?: string;
  readonly json?: boolean;
}

/** Restores the cursor as it was before the latest change, or before the one that `to` names. */
export function undoState(context: CommandContext, source: SourceKey, { to, yes, as, json }: UndoOptions): Promise<ExitCode> {
  const { terminal } = context;
  const name = formatSourceKey(source);
  return withOperations(context, async (operations, signal, config) => {
    const changes = await operations.listHistory(source);
    if (changes.length === 0) return noChange(context, source, config);
    const first = to ?? changes[0]?.number;
    const undone = changes.filter(({ number }) => first !== undefined && number >= first);
    const what = `take back ${counted(undone.length, "change")} of the cursor of ${name}`;
    const acting = { command: "state undo", targets: [name], what, yes, as, signal };
    return act(context, operations, acting, async () => {
      const before = await operations.getCursor(source);
      const { number, atMs, reason } = await operations.undoChange(source, {
        number: first,
        // A change that another operator or a run makes while the question waits is not taken back by the answer.
        latest: changes[0]?.number,
      });
      terminal.stdout.write(
        json === true
          ? `${JSON.stringify({ source: name, change: number, by: reason, changed_at: toIso(atMs) })}\n`
          : `${name}: the cursor is as it was before the change ${number} (${reason}, ${formatAge(Date.now() - atMs)} ago)\n`,
      );
      return { result: exitCode.ok, before: { cursor: before }, after: { cursor: await operations.getCursor(source) } };
    });
  });
}

function toCells({ number, atMs, host, pid, reason, before, beforeLength }: HistoryView, nowMs: number): readonly string[] {
  const cursor = beforeLength === undefined ? "none" : (before ?? `${beforeLength} characters, not kept`);
  return [String(number), `${formatAge(nowMs - atMs)} ago`, reason, `${pid} on ${host}`, cursor];
}

function toJson(source: SourceKey, { number, atMs, host, pid, reason, before, beforeLength }: HistoryView): unknown {
  return {
    source: formatSourceKey(source),
    change: number,
    changed_at: toIso(atMs),
    by: reason,
    process: { host, pid },
    ...(beforeLength === undefined ? {} : { before_length: beforeLength }),
    ...(before === undefined ? {} : { before }),
  };
}
