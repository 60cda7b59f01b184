import type { RecordedAction } from "@statewave-connectors/runner/operations";
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
    const { formatActor, listActions } = await import("@statewave-connectors/runner/operations");
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
      ]);
      stdout.write(formatTable(header, rows, { lineWidth: stdout.isTTY === true ? stdout.columns : undefined }));
    }
    return exitCode.ok;
  });
}

const header = ["WHEN", "WHO", "COMMAND", "OUTCOME", "ON", "REASON"];
const mostShown = 3;

function outcomeOf({ outcome, error }: RecordedAction): string {
  return error?.code === undefined ? outcome : `${outcome}: ${error.code}`;
}

function targetsOf({ targets, targetCount }: RecordedAction): string {
  const shown = targets.slice(0, mostShown);
  const more = targetCount - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
