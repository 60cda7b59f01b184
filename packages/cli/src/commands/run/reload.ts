import type { ReloadedPart, ReloadReport, ReloadResult } from "@statewave-connectors/runner/operations";
import { oneLine } from "../../terminal/clean-terminal.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { CommandContext } from "../command-context.ts";
import { withOperations } from "../with-operations.ts";

export interface ReloadCommandOptions {
  readonly as?: string;
  readonly json?: boolean;
}

/** Has the running process apply its configuration, and prints what became of each change. Exit code 1 when something is not in effect. */
export function reload(context: CommandContext, { as, json = false }: ReloadCommandOptions): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    const { actorOfProcess } = await import("@statewave-connectors/runner/actions");
    const report = await operations.reload(actorOfProcess(as));
    context.terminal.stdout.write(json ? toJsonLines(report) : toLines(report));
    return report.parts.every(({ result }) => applied.has(result)) ? exitCode.ok : exitCode.failed;
  });
}

const applied: ReadonlySet<ReloadResult> = new Set<ReloadResult>(["added", "changed", "removed"]);

function toLines({ parts, unchanged }: ReloadReport): string {
  const lines = parts.map((part) => `${part.subject}: ${oneLine(describe(part))}\n`);
  return `${lines.join("")}${unchanged === 1 ? "1 entry" : `${unchanged} entries`} unchanged\n`;
}

function describe({ result, isPending = false, because, error }: ReloadedPart): string {
  if (result === "restart") return `needs a restart${because === undefined ? "" : `: ${because}`}`;
  if (result !== "failed") return isPending ? `${result}, once its run has read the page under way` : result;
  const { code = "RUNNER_INTERNAL", message = "it could not be opened", hint } = error ?? {};
  return `stays as it was: ${message} [${code}]${hint === undefined ? "" : ` (${hint})`}`;
}

function toJsonLines({ parts, unchanged }: ReloadReport): string {
  const lines = parts.map(({ subject, result, isPending, because, error }) => ({
    subject,
    result,
    pending: isPending,
    because,
    error,
  }));
  return [...lines, { unchanged }].map((line) => `${JSON.stringify(line)}\n`).join("");
}
