import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { episodeLine, formatReasons } from "../../terminal/episode-line.ts";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { episodeToJson } from "../../terminal/json-style.ts";
import { hintFormat } from "../../terminal/repeat-config.ts";
import { progressPrinter } from "../../terminal/progress-printer.ts";
import type { CommandContext } from "../command-context.ts";
import type { Operations } from "@statewave-connectors/runner/operations";
import { oneLine } from "../../terminal/clean-terminal.ts";
import { warnOfSink } from "./sink-warning.ts";
import { withOperations } from "../with-operations.ts";

export interface SyncOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Runs a pull source once, now. With `--json`, stdout holds one JSON line an episode (dry run) and one for the report. */
export function sync(context: CommandContext, source: SourceKey, options: SyncOptions): Promise<ExitCode> {
  const { terminal } = context;
  const dryRun = options.dryRun === true;
  return withOperations(context, async (operations, signal, config) => {
    await warnOfPause(context, operations, source);
    const warning = dryRun
      ? undefined
      : warnOfSink(
          () => operations.health(),
          (text) => terminal.stderr.write(text),
        );
    const {
      foreign,
      skippedReasons,
      fetched: _,
      failed = 0,
      ...report
    } = await operations
      .sync(
        { source, dryRun, onProgress: progressPrinter(terminal, source, () => performance.now()) },
        (episode) =>
          terminal.stdout.write(
            options.json === true ? `${JSON.stringify({ episode: episodeToJson(episode) })}\n` : episodeLine(episode),
          ),
        signal,
      )
      .finally(warning);
    if (foreign !== undefined) {
      const name = formatSourceKey(source);
      const cursorOf = foreign.cursorOf.join(", ");
      const format = hintFormat(context);
      terminal.stderr.write(
        `warning: the cursor of ${name} belongs to ${cursorOf}: earlier episodes are not sent to ${foreign.sink}\n` +
          format(
            `hint: run \`statewave-connectors state reset ${name}\` to send everything to this sink, or \`statewave-connectors state adopt ${name}\` to keep the cursor\n`,
          ),
      );
    }
    if (options.json === true) {
      terminal.stdout.write(
        `${JSON.stringify({ source: formatSourceKey(source), dry_run: dryRun, ...report, skipped_reasons: skippedReasons, ...(failed > 0 && { failed }), ...(foreign && { cursor_of: foreign.cursorOf }) })}\n`,
      );
      return exitCode.ok;
    }
    const { episodes, delivered, buried, skipped, complete } = report;
    const left = skipped === 0 ? "" : `, ${skipped} skipped${formatReasons(skippedReasons)}`;
    const lost = failed === 0 ? "" : `, ${failed} failed`;
    const rest = complete ? "" : "; the limit was reached, and there is more";
    terminal.stdout.write(
      dryRun
        ? `${formatSourceKey(source)}: ${counted(episodes, "episode")} would be delivered${left}${lost}${rest}\n`
        : `${formatSourceKey(source)}: ${delivered} of ${episodes} episodes delivered, ${buried} buried${left}${lost}${rest}\n`,
    );
    if (failed > 0 && !dryRun) {
      const isLost = config.runner.inbox.livesIn === "process";
      terminal.stderr.write(
        isLost
          ? 'hint: set [runner.state] kind = "file" to keep what could not be mapped: an inbox in memory forgets it\n'
          : hintFormat(context)("hint: look at what could not be mapped with `statewave-connectors dead-letters list`\n"),
      );
    }
    return exitCode.ok;
  });
}

/** What a person requests runs all the same. */
async function warnOfPause({ terminal }: CommandContext, { records }: Operations, source: SourceKey): Promise<void> {
  const { describePause, formatEntryName, PauseRecords } = await import("@statewave-connectors/runner/entries");
  const entry = { direction: "pull", source } as const;
  // A state in memory has none, and where the store does not answer, the run reports it.
  const pause = await new PauseRecords(records).get(entry).catch(() => undefined);
  if (pause === undefined) return;
  const described = describePause(pause);
  terminal.stderr.write(
    `warning: ${formatEntryName(entry)} is paused${described === "" ? "" : ` ${oneLine(described)}`}; this run begins all the same\n`,
  );
}
