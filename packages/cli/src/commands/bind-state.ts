import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { CommandContext } from "../program.ts";
import { hintFormat } from "../repeat-config.ts";
import { withOperations } from "../with-operations.ts";

export interface BindOptions {
  readonly json?: boolean;
}

/** Keeps the cursors after a change of the sink: episodes before them are not sent to the new one. Without a source: all cursors. */
export function adoptState(context: CommandContext, source: SourceKey | undefined, options: BindOptions): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    const { sink, sources } = await operations.adoptSink({ sources: source === undefined ? "all" : [source] });
    const { stdout } = context.terminal;
    if (options.json === true) stdout.write(`${JSON.stringify({ sink, adopted: sources })}\n`);
    else if (sources.length === 0) stdout.write(`every cursor belongs to ${sink} already\n`);
    else for (const adopted of sources) stdout.write(`${adopted}: cursor kept; it belongs to ${sink} now\n`);
    return exitCode.ok;
  });
}

/** Forgets cursors, so that everything is sent again. Without a source: those of every source in the configuration. */
export function resetState(context: CommandContext, source: SourceKey | undefined, options: BindOptions): Promise<ExitCode> {
  return withOperations(context, async (operations, _signal, config) => {
    const { sink, sources } = await operations.resetSources({ sources: source === undefined ? "all" : [source] });
    const kept = source === undefined ? orphansWithCursor(await operations.listState(), config) : [];
    const { stdout, stderr } = context.terminal;
    if (options.json === true) stdout.write(`${JSON.stringify({ sink, reset: sources, ...(kept.length > 0 && { kept }) })}\n`);
    else if (sources.length === 0) stdout.write("there was no cursor to forget\n");
    else for (const reset of sources) stdout.write(`${reset}: cursor forgotten; the next run sends everything to ${sink}\n`);
    if (kept.length > 0) stderr.write(hintFormat(context)(keptMessage(kept)));
    return exitCode.ok;
  });
}

/** The stored sources that the configuration does not name: their cursors are needed when they come back. */
function orphansWithCursor(states: readonly SourceState[], { pull }: ConnectorsConfig): readonly string[] {
  const configured = new Set(pull.map(formatSourceKey));
  return states
    .filter(({ cursor }) => cursor !== undefined)
    .map(({ source }) => formatSourceKey(source))
    .filter((key) => !configured.has(key));
}

function keptMessage(kept: readonly string[]): string {
  const verb = kept.length === 1 ? "is" : "are";
  return (
    `${kept.join(", ")} ${verb} not in the configuration: cursor kept\n` +
    `hint: run \`statewave-connectors state reset ${kept[0]}\` to forget it, too\n`
  );
}
