import type { TypedEntry } from "@statewave-connectors/runner/entries";
import type { RunAccount } from "@statewave-connectors/runner/status";
import { oneLine } from "../../terminal/clean-terminal.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { formatAge } from "../../terminal/format-age.ts";
import { formatTable, type TableColumn } from "../../terminal/format-table.ts";
import { runToJson } from "./json-runs.ts";
import type { CommandContext } from "../command-context.ts";
import { withOperations } from "../with-operations.ts";

/** Lists the kept accounts of a source's runs. */
export function runs(
  context: CommandContext,
  typed: TypedEntry,
  { json = false }: { readonly json?: boolean },
): Promise<ExitCode> {
  return withOperations(context, async (operations, _signal, config) => {
    const [{ chooseEntry, entryNamesOf }, { isBalanced, listRuns }] = await Promise.all([
      import("@statewave-connectors/runner/entries"),
      import("@statewave-connectors/runner/status"),
    ]);
    const accounts = await listRuns(operations, typed.source);
    // A source that has left the configuration keeps its accounts.
    if (accounts.length === 0) chooseEntry(typed, entryNamesOf(config));
    const { stdout } = context.terminal;
    if (json) {
      for (const account of accounts) stdout.write(`${JSON.stringify(runToJson(account, isBalanced(account)))}\n`);
    } else if (accounts.length === 0) {
      stdout.write("no run yet\n");
    } else {
      const nowMs = Date.now();
      const rows = accounts.map((account) => toCells(account, isBalanced(account), nowMs));
      stdout.write(formatTable(header, rows, { lineWidth: stdout.isTTY === true ? stdout.columns : undefined }));
    }
    return exitCode.ok;
  });
}

const header: readonly TableColumn[] = [
  "BEGAN",
  { title: "DUE", fromWidth: 80 },
  { title: "TOOK", fromWidth: 60 },
  "OUTCOME",
  "ACCOUNT",
];

function toCells(account: RunAccount, balanced: boolean, nowMs: number): readonly string[] {
  const { startedAtMs, dueMs, durationMs, outcome, reason } = account;
  return [
    `${formatAge(nowMs - startedAtMs)} ago`,
    dueMs === undefined ? "-" : `${formatAge(nowMs - dueMs)} ago`,
    durationMs < 1_000 ? `${durationMs}ms` : formatAge(durationMs),
    reason === undefined ? outcome : `${outcome}: ${reason}`,
    [...(balanced ? [] : ["DOES NOT BALANCE"]), ...errorOf(account), sumsOf(account), ...notesOf(account, nowMs)].join("; "),
  ];
}

function errorOf({ error }: RunAccount): readonly string[] {
  return error === undefined ? [] : [`${oneLine(error.message)} [${error.code}]`];
}

function sumsOf({ fetched, mapped, skipped, failed, delivered, buried }: RunAccount): string {
  if (fetched === 0 && mapped === 0) return "nothing new";
  const items = `${fetched} fetched = ${mapped} mapped + ${skipped} skipped + ${failed} failed`;
  return mapped === 0 ? items : `${items}; ${mapped} mapped = ${delivered} delivered + ${buried} buried`;
}

function notesOf(
  { runs: count, sinceMs, resumed, openItems, pages, requests, process }: RunAccount,
  nowMs: number,
): readonly string[] {
  return [
    ...(count > 1 ? [`${count} runs without news since ${formatAge(nowMs - sinceMs)} ago`] : []),
    ...(resumed ? ["resumed"] : []),
    ...(openItems > 0 ? [`${openItems} more are read again`] : []),
    `${pages} ${pages === 1 ? "page" : "pages"}`,
    ...(requests === undefined || requests === 0 ? [] : [`${requests} ${requests === 1 ? "request" : "requests"}`]),
    oneLine(process),
  ];
}
