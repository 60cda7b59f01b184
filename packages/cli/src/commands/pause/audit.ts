import type { RecordedAction } from "@statewave-connectors/runner/actions";
import { oneLine } from "../../terminal/clean-terminal.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { formatAge } from "../../terminal/format-age.ts";
import { formatTable } from "../../terminal/format-table.ts";
import { actionToJson } from "../../terminal/json-style.ts";
import type { CommandContext } from "../command-context.ts";
import { withOperations } from "../with-operations.ts";

export interface AuditOptions {
  readonly limit: number;
  readonly json?: boolean;
}

/** Lists the actions that the store remembers, the latest first. */
export function audit(context: CommandContext, { limit, json = false }: AuditOptions): Promise<ExitCode> {
  return withOperations(context, async ({ records }) => {
    const { formatActor, listActions } = await import("@statewave-connectors/runner/actions");
    const { stdout } = context.terminal;
    const actions = await listActions(records, limit);
    if (json) {
      for (const action of actions) stdout.write(`${JSON.stringify(actionToJson(action))}\n`);
    } else if (actions.length === 0) {
      stdout.write("no action is recorded yet\n");
    } else {
      const nowMs = Date.now();
      const rows = actions.map((action) => [
        `${formatAge(nowMs - action.atMs)} ago`,
        oneLine(formatActor(action)),
        action.command,
        outcomeOf(action),
        oneLine(targetsOf(action)),
        oneLine(action.reason ?? ""),
        valueText(action.before),
        valueText(action.after),
      ]);
      const lineWidth = stdout.isTTY === true ? stdout.columns : undefined;
      stdout.write(formatTable(header, lineWidth === undefined ? rows : cutLongColumns(rows, lineWidth), { lineWidth }));
    }
    return exitCode.ok;
  });
}

const header = ["WHEN", "WHO", "COMMAND", "OUTCOME", "ON", "REASON", "BEFORE", "AFTER"];
/** The columns from here on hold texts of any length. */
const firstLongColumn = 4;
const narrowestColumn = 12;
const gapCharacters = 2;
const mostShown = 3;

function outcomeOf({ outcome, error }: RecordedAction): string {
  return error?.code === undefined ? outcome : `${outcome}: ${error.code}`;
}

function targetsOf({ targets, targetCount }: RecordedAction): string {
  const shown = targets.slice(0, mostShown);
  const more = targetCount - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** A long value is recorded as the beginning of its JSON. */
function valueText(value: unknown): string {
  if (value === undefined) return "";
  const { beginning } = (value ?? {}) as { readonly beginning?: unknown };
  return oneLine(typeof beginning === "string" ? `${beginning}…` : JSON.stringify(value));
}

/** Shares the room behind the short columns among the long ones. */
function cutLongColumns(rows: readonly (readonly string[])[], lineWidth: number): readonly (readonly string[])[] {
  const short = header.slice(0, firstLongColumn);
  const taken = short.map((title, at) => gapCharacters + Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const room = lineWidth - taken.reduce((sum, width) => sum + width, 0);
  const most = Math.max(narrowestColumn, Math.floor(room / (header.length - firstLongColumn)) - gapCharacters);
  return rows.map((row) => row.map((cell, at) => (at < firstLongColumn ? cell : cutEnd(cell, most))));
}

function cutEnd(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}
