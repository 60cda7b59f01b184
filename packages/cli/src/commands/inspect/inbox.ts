import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { formatAge } from "../../terminal/format-age.ts";
import { formatTable } from "../../terminal/format-table.ts";
import { findingToJson, queuedToJson } from "./json-inbox.ts";
import type { CommandContext } from "../command-context.ts";
import type { ShownQueued } from "@statewave-connectors/runner/operations";
import type { Trace } from "@statewave-connectors/runner/status";
import { requireSource } from "../require-source.ts";
import { withOperations } from "../with-operations.ts";

export interface ListInboxOptions {
  readonly source?: SourceKey | undefined;
  readonly limit: number;
  readonly json?: boolean;
}

const pageSize = 500;
const header = ["KEY", "SOURCE", "TYPE", "ACCEPTED", "ATTEMPTS", "STATE", "ID"];

/** Lists what waits in the inbox, the oldest first. */
export function listInbox(context: CommandContext, { source, limit, json = false }: ListInboxOptions): Promise<ExitCode> {
  return withOperations(context, async (operations, _signal, config) => {
    const { stdout, outputFailure } = context.terminal;
    let count = 0;
    let after: string | undefined;
    while (count < limit) {
      if (outputFailure?.() !== undefined) break;
      const wanted = Math.min(pageSize, limit - count);
      const query = { limit: wanted, ...(source === undefined ? {} : { source }), ...(after === undefined ? {} : { after }) };
      const page = await operations.listQueued(query);
      if (json) for (const item of page) stdout.write(`${JSON.stringify(queuedToJson(item))}\n`);
      else if (page.length > 0) {
        const lineWidth = stdout.isTTY === true ? stdout.columns : undefined;
        stdout.write(
          formatTable(
            header,
            page.map((item) => toCells(item, Date.now())),
            { lineWidth, header: count === 0 },
          ),
        );
      }
      count += page.length;
      after = page.at(-1)?.key;
      if (page.length < wanted) break;
    }
    if (count === 0) await requireSource(source, config);
    if (count === 0 && !json) stdout.write("nothing waits\n");
    return exitCode.ok;
  });
}

function toCells(
  { key, source, type, acceptedAtMs, attempt, isClaimed, notBeforeMs, id = "-" }: ShownQueued,
  nowMs: number,
): readonly string[] {
  const later = notBeforeMs === undefined || notBeforeMs <= nowMs ? "waits" : `again in ${formatAge(notBeforeMs - nowMs)}`;
  return [
    key,
    formatSourceKey(source),
    type,
    `${formatAge(nowMs - acceptedAtMs)} ago`,
    String(attempt),
    isClaimed ? "claimed" : later,
    id,
  ];
}

/** Prints one inbox item with its headers and body, as JSON. */
export function showInbox(context: CommandContext, key: string): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    const item = await operations.getQueued(key);
    if (item === undefined) {
      context.terminal.stderr.write(`no inbox item has the key "${key}": it is settled, or never was\n`);
      return exitCode.failed;
    }
    context.terminal.stdout.write(`${JSON.stringify(queuedToJson(item), undefined, 2)}\n`);
    return exitCode.ok;
  });
}

/** Says where an event or an episode is. Exit code 1 when nothing of it is stored. */
export function traceText(
  context: CommandContext,
  text: string,
  { json = false }: { readonly json?: boolean },
): Promise<ExitCode> {
  return withOperations(context, async (operations, _signal, config) => {
    const { trace } = await import("@statewave-connectors/runner/status");
    const found = await trace(operations, config, text);
    const { stdout } = context.terminal;
    const remark = remarkOn(found);
    if (json) stdout.write(`${JSON.stringify({ query: text, findings: found.findings.map(findingToJson), remark })}\n`);
    else stdout.write(`${[...found.findings.map(toLine), remark].join("\n")}\n`);
    return found.findings.length === 0 ? exitCode.failed : exitCode.ok;
  });
}

function toLine(finding: Trace["findings"][number]): string {
  const nowMs = Date.now();
  switch (finding.where) {
    case "inbox": {
      const { key, source, acceptedAtMs, attempt, isClaimed } = finding.item;
      const state = isClaimed ? "a process works on it" : "it waits";
      return `inbox: item ${key} of ${formatSourceKey(source)}, accepted ${formatAge(nowMs - acceptedAtMs)} ago, ${attempt} retries; ${state}`;
    }
    case "dead_letters": {
      const { key, source, reason, buriedAtMs } = finding.letter;
      return `dead letter ${key} of ${formatSourceKey(source)}, buried ${formatAge(nowMs - buriedAtMs)} ago: ${reason.replaceAll(/\s/g, " ")}`;
    }
    case "remembered":
      return `${formatSourceKey(finding.source)} accepted it within dedup_window; a repeat is answered and not stored again`;
  }
}

/** What the findings mean, and what cannot be known. */
function remarkOn({ findings, isWhole }: Trace): string {
  const places = new Set(findings.map(({ where }) => where));
  if (places.has("inbox") || places.has("dead_letters")) return "it is not delivered from there yet";
  const unseen = isWhole ? "" : "; not everything in the inbox and the dead letters was looked at";
  if (places.has("remembered")) return `it was settled: its episodes were delivered, or it had none; when is not stored${unseen}`;
  return `nothing is stored under it: it never arrived, was delivered longer than dedup_window ago, or is an episode that is no dead letter; Statewave has what was delivered${unseen}`;
}
