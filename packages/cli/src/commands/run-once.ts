import type { PullEntry } from "@statewave-connectors/config";
import { describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, toError } from "@statewave-connectors/connector-sdk/host";
import type { Operations, SyncReport } from "@statewave-connectors/runner";
import { oneLine } from "../clean-terminal.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { CommandContext } from "../program.ts";
import { withOperations } from "../with-operations.ts";

/** How the run of one source ended. */
interface SourceOutcome {
  readonly source: string;
  readonly outcome: "done" | "incomplete" | "failed";
  readonly report?: SyncReport;
  readonly error?: Error;
}

/**
 * Runs every pull source once, several at a time, and ends. One that fails does not keep the others from running. The exit code says how the
 * worst of them ended.
 */
export function runOnce(context: CommandContext, { json = false }: { readonly json?: boolean | undefined }): Promise<ExitCode> {
  const { terminal } = context;
  return withOperations(context, async (operations, signal, config) => {
    if (config.pull.length === 0) {
      terminal.stderr.write(
        "error: there is no [[pull.<kind>]] entry to run\nhint: add one, or start `run` without --once for the receivers\n",
      );
      return exitCode.config;
    }
    const waiting = [...config.pull];
    const outcomes: SourceOutcome[] = [];
    const work = async () => {
      for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
        const outcome = await runSource(operations, entry, signal);
        outcomes.push(outcome);
        terminal.stdout.write(json ? toJson(outcome) : toText(outcome));
      }
    };
    await Promise.all(Array.from({ length: Math.min(config.runner.maxConcurrentSyncs, waiting.length) }, work));
    if (!json) terminal.stdout.write(`${closingLine(outcomes)}\n`);
    return codeOf(outcomes);
  });
}

async function runSource(operations: Operations, { kind, name, dryRun }: PullEntry, signal: AbortSignal): Promise<SourceOutcome> {
  const source = formatSourceKey({ kind, name });
  try {
    const report = await operations.sync(
      { source: { kind, name }, dryRun, onProgress: () => undefined },
      () => undefined,
      signal,
    );
    const isWhole = report.complete && report.buried === 0 && (report.failed ?? 0) === 0;
    return { source, outcome: isWhole ? "done" : "incomplete", report };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = toError(thrown);
    // The provider wants a pause: the next run resumes where this one ended.
    return { source, outcome: isConnectorsError(error) && error.retryAtMs !== undefined ? "incomplete" : "failed", error };
  }
}

function codeOf(outcomes: readonly SourceOutcome[]): ExitCode {
  if (outcomes.some(({ outcome }) => outcome === "failed")) return exitCode.failed;
  return outcomes.some(({ outcome }) => outcome === "incomplete") ? exitCode.incomplete : exitCode.ok;
}

const labels = { done: "ok  ", incomplete: "warn", failed: "FAIL" } as const;

function toText({ source, outcome, report, error }: SourceOutcome): string {
  if (report === undefined)
    return `${labels[outcome]} ${source}: ${oneLine(error === undefined ? "it did not run" : describeError(error))}\n`;
  const { delivered, buried, skipped, failed = 0, complete } = report;
  const rest = complete ? "" : "; the limit was reached, and there is more";
  return `${labels[outcome]} ${source}: ${delivered} delivered, ${buried} buried, ${skipped} skipped, ${failed} failed${rest}\n`;
}

function closingLine(outcomes: readonly SourceOutcome[]): string {
  const count = (wanted: SourceOutcome["outcome"]) => outcomes.filter(({ outcome }) => outcome === wanted).length;
  return `${outcomes.length} ran: ${count("done")} done, ${count("incomplete")} incomplete, ${count("failed")} failed`;
}

function toJson({ source, outcome, report, error }: SourceOutcome): string {
  if (report === undefined) {
    const code = isConnectorsError(error) ? error.code : undefined;
    return `${JSON.stringify({ source, outcome, error: { code, message: error?.message } })}\n`;
  }
  const { episodes, delivered, buried, skipped, failed = 0, complete } = report;
  return `${JSON.stringify({ source, outcome, episodes, delivered, buried, skipped, failed, complete })}\n`;
}
