import { formatSourceKey, type SourceKey } from "@statewave-connectors/connector-sdk";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { CommandContext } from "../program.ts";
import { withOperations } from "../with-operations.ts";

export interface SyncOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Runs one tick of a pull source now. With `--json`, stdout holds one JSON line an episode (dry run) and one for the report. */
export function sync(context: CommandContext, source: SourceKey, options: SyncOptions): Promise<ExitCode> {
  const { terminal } = context;
  const dryRun = options.dryRun === true;
  return withOperations(context, async (operations, signal) => {
    const { foreign, ...report } = await operations.sync(
      { source, dryRun },
      (episode) =>
        terminal.stdout.write(
          options.json === true
            ? `${JSON.stringify({ episode })}\n`
            : `${episode.occurred_at}  ${episode.kind}  ${firstLine(episode.text)}\n`,
        ),
      signal,
    );
    if (foreign !== undefined) {
      const cursorOf = foreign.cursorOf.join(", ");
      terminal.stderr.write(
        `warning: the cursor of ${formatSourceKey(source)} belongs to ${cursorOf}: what it passed over is not sent to ${foreign.sink}\n` +
          "hint: run `statewave-connectors state reset` to send everything again, or `state adopt` to keep the cursor\n",
      );
    }
    if (options.json === true) {
      terminal.stdout.write(
        `${JSON.stringify({ source: formatSourceKey(source), dry_run: dryRun, ...report, ...(foreign && { cursor_of: foreign.cursorOf }) })}\n`,
      );
      return exitCode.ok;
    }
    const { episodes, delivered, buried, skipped, complete } = report;
    const left = skipped === 0 ? "" : `, ${skipped} skipped`;
    const rest = complete ? "" : "; more is waiting behind the limit";
    terminal.stdout.write(
      dryRun
        ? `${formatSourceKey(source)}: ${episodes} episodes would be delivered${left}${rest}\n`
        : `${formatSourceKey(source)}: ${delivered} of ${episodes} episodes delivered, ${buried} buried${left}${rest}\n`,
    );
    return exitCode.ok;
  });
}

const firstLineLength = 120;

function firstLine(text: string): string {
  // What a source wrote must not steer the terminal.
  const line = (text.split("\n", 1)[0] ?? "").replaceAll(/\p{Cc}/gu, " ");
  return line.length > firstLineLength ? `${line.slice(0, firstLineLength)}…` : line;
}
