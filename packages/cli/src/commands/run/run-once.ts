import type { PullEntry } from "@statewave-connectors/config";
import { describeError, isConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, toError } from "@statewave-connectors/connector-sdk/host";
import type { Operations, SyncReport } from "@statewave-connectors/runner/operations";
import { oneLine } from "../../terminal/clean-terminal.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { CommandContext } from "../command-context.ts";
import { withOperations } from "../with-operations.ts";

/** How the run of one source ended. */
interface SourceOutcome {
  readonly source: string;
  readonly outcome: "done" | "incomplete" | "failed" | "paused";
  readonly report?: SyncReport;
  readonly error?: Error;
  /** By whom and why. */
  readonly paused?: string;
}

/**
 * Runs every pull source once, several at a time, and ends. One that fails does not keep the others from running, and one that an operator
 * has paused is left alone, because this command may stand in a schedule. The exit code says how the worst of them ended.
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
  const paused = await pauseOf(operations, { kind, name });
  if (paused !== undefined) return { source, outcome: "paused", paused };
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

async function pauseOf({ records }: Operations, source: SourceKey): Promise<string | undefined> {
  const { describePause, PauseRecords } = await import("@statewave-connectors/runner/entries");
  // A state in memory has none, and where the store does not answer, the run reports it.
  const pause = await new PauseRecords(records).get({ direction: "pull", source }).catch(() => undefined);
  return pause && describePause(pause);
}

function codeOf(outcomes: readonly SourceOutcome[]): ExitCode {
  if (outcomes.some(({ error }) => isConnectorsError(error, "PULL_ACCOUNT_WRONG"))) return exitCode.unbalanced;
  if (outcomes.some(({ outcome }) => outcome === "failed")) return exitCode.failed;
  return outcomes.some(({ outcome }) => outcome !== "done") ? exitCode.incomplete : exitCode.ok;
}

const labels = { done: "ok  ", incomplete: "warn", failed: "FAIL", paused: "warn" } as const;

function toText({ source, outcome, report, error, paused }: SourceOutcome): string {
  if (paused !== undefined) return `${labels[outcome]} ${source}: ${oneLine(`paused ${paused}`).trimEnd()}\n`;
  if (report === undefined)
    return `${labels[outcome]} ${source}: ${oneLine(error === undefined ? "it did not run" : describeError(error))}\n`;
  const { delivered, buried, skipped, failed = 0, complete } = report;
  const rest = complete ? "" : "; the limit was reached, and there is more";
  return `${labels[outcome]} ${source}: ${delivered} delivered, ${buried} buried, ${skipped} skipped, ${failed} failed${rest}\n`;
}

function closingLine(outcomes: readonly SourceOutcome[]): string {
  const count = (wanted: SourceOutcome["outcome"]) => outcomes.filter(({ outcome }) => outcome === wanted).length;
  const paused = count("paused");
  const rest = paused === 0 ? "" : `; ${paused} paused`;
  return `${outcomes.length - paused} ran: ${count("done")} done, ${count("incomplete")} incomplete, ${count("failed")} failed${rest}`;
}

function toJson({ source, outcome, report, error, paused }: SourceOutcome): string {
  if (paused !== undefined) return `${JSON.stringify({ source, outcome, paused })}\n`;
  if (report === undefined) {
    const code = isConnectorsError(error) ? error.code : undefined;
    return `${JSON.stringify({ source, outcome, error: { code, message: error?.message } })}\n`;
  }
  const { episodes, delivered, buried, skipped, failed = 0, complete } = report;
  return `${JSON.stringify({ source, outcome, episodes, delivered, buried, skipped, failed, complete })}\n`;
}
