import { setTimeout as pause } from "node:timers/promises";
import type { OverallCondition, StatusReport } from "@statewave-connectors/runner/status";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { statusToJson } from "./json-status.ts";
import { printError } from "../../terminal/print-error.ts";
import type { CommandContext } from "../command-context.ts";
import { changedLines, formatStatus, type StatusFormat } from "./status-text.ts";
import { untilStopped } from "../../process/until-stopped.ts";
import { withOperations } from "../with-operations.ts";

export interface StatusOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
}

const lookEveryMs = 2_000;

/** Shows how every entry stands, the worst first. The exit code is that of the worst state. */
export function status(context: CommandContext, options: StatusOptions): Promise<ExitCode> {
  return options.watch === true
    ? watch(context, options)
    : look(context, (report) => print(context, report, options.json === true));
}

/** The state is opened for each look alone: a runner that starts meanwhile must find it free. */
function look(context: CommandContext, show: (report: StatusReport) => Promise<void> | void): Promise<ExitCode> {
  return withOperations(context, async (operations, _signal, config) => {
    const { configuredSink, readStatus } = await import("@statewave-connectors/runner/status");
    const report = await readStatus({ ...operations, sink: configuredSink(config) }, config, Date.now());
    await show(report);
    return codes[report.condition];
  });
}

const codes: Readonly<Record<OverallCondition, ExitCode>> = {
  well: exitCode.ok,
  attention: exitCode.attention,
  failing: exitCode.failing,
};

/** Redraws a terminal every two seconds; elsewhere prints the lines that have changed. Ends with Ctrl-C, and with the exit code of the last look. */
function watch(context: CommandContext, { json = false }: StatusOptions): Promise<ExitCode> {
  const { terminal } = context;
  const isDrawn = terminal.stdout.isTTY === true && !json;
  let printed: readonly string[] = [];
  const show = (report: StatusReport) => {
    const lines = changedLines(report);
    if (isDrawn) {
      terminal.clear();
      terminal.stdout.write(formatStatus(report, formatOf(context)));
    } else if (!json) {
      const known = new Set(printed);
      for (const line of lines) if (!known.has(line)) terminal.stdout.write(`${line}\n`);
    } else if (lines.join("\n") !== printed.join("\n")) {
      terminal.stdout.write(`${JSON.stringify(statusToJson(report))}\n`);
    }
    printed = lines;
  };
  return untilStopped(terminal, async (signal) => {
    let code: ExitCode = exitCode.ok;
    while (!signal.aborted && terminal.outputFailure?.() === undefined) {
      // A state that cannot be reached for now may be a moment later, and a runner that has ended may be followed by another.
      code = await look(context, show).catch((error: unknown) => {
        if (signal.aborted || !isConnectorsError(error) || !/^(STORE|INBOX)_|^RUNNER_CONTROL_BROKEN$/.test(error.code))
          throw error;
        return printError(terminal, error);
      });
      await pause(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
    return code;
  });
}

function print(context: CommandContext, report: StatusReport, json: boolean): void {
  const { stdout } = context.terminal;
  stdout.write(json ? `${JSON.stringify(statusToJson(report), undefined, 2)}\n` : formatStatus(report, formatOf(context)));
}

function formatOf({ terminal: { stdout } }: CommandContext): StatusFormat {
  return { lineWidth: stdout.isTTY === true ? stdout.columns : undefined };
}
