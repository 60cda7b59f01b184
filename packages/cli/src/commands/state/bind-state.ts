import type { ConnectorsConfig } from "@statewave-connectors/config";
import { type Connector, ConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import type { Operations, RefusedReset } from "@statewave-connectors/runner/operations";
import { act, type ActingFlags } from "../acting.ts";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { CommandContext } from "../command-context.ts";
import { abilityOf } from "../pull-declaration.ts";
import { cursorsBefore } from "./cursors-before.ts";
import { printError } from "../../terminal/print-error.ts";
import { hintFormat } from "../../terminal/repeat-config.ts";
import type { HeldOperations } from "../held-operations.ts";
import { withOperations } from "../with-operations.ts";

/** Of the sources in the audit log. */
const mostNamed = 10;

export interface BindOptions extends Readonly<ActingFlags> {
  readonly json?: boolean;
}

/** Keeps the cursors after a change of the sink: episodes before them are not sent to the new one. Without a source: all cursors. */
export function adoptState(context: CommandContext, source: SourceKey | undefined, options: BindOptions): Promise<ExitCode> {
  return withOperations(context, async (operations, signal, config) => {
    const targets = source === undefined ? config.pull.map(formatSourceKey) : [formatSourceKey(source)];
    const { yes = false, as } = options;
    const { configuredSink, foreignCursors } = await import("@statewave-connectors/runner/operations");
    const configured = configuredSink(config);
    const states = await operations.listState();
    const foreign = await foreignCursors({ sink: configured, records: operations.records, states });
    const concerned = [...foreign].filter(([name]) => source === undefined || name === targets[0]);
    const what = `keep ${counted(concerned.length, "cursor")} of another sink, so that nothing before is sent to the configured one`;
    // No answer is needed where every cursor belongs to the configured sink: nothing changes.
    const confirmed = { what, yes: yes || concerned.length === 0, signal };
    return act(context, operations, { command: "state adopt", targets, ...confirmed, as }, async () => {
      const { sink, sources } = await operations.adoptSink({ sources: source === undefined ? "all" : [source] });
      const { stdout } = context.terminal;
      if (options.json === true) stdout.write(`${JSON.stringify({ sink, adopted: sources })}\n`);
      else if (sources.length === 0) stdout.write(`every cursor belongs to ${sink} already\n`);
      else for (const adopted of sources) stdout.write(`${adopted}: cursor kept; it belongs to ${sink} now\n`);
      const before = { cursors_of: concerned.slice(0, mostNamed).map(([name, sinks]) => ({ source: name, sinks })) };
      return { result: exitCode.ok, before, after: { sink, adopted: sources } };
    });
  });
}

export interface ResetOptions extends BindOptions {
  readonly stream?: string;
}

/** Forgets cursors, so that everything is sent again. Without a source: those of every source in the configuration. */
export function resetState(context: CommandContext, source: SourceKey | undefined, options: ResetOptions): Promise<ExitCode> {
  return withOperations(context, async (operations, signal, config, connectors) => {
    if (source !== undefined && options.stream !== undefined) {
      const stream = { source, stream: options.stream };
      return resetStream(context, { operations, signal, config, connectors }, stream, options);
    }
    const { yes, as } = options;
    const targets = source === undefined ? config.pull.map(formatSourceKey) : [formatSourceKey(source)];
    const count = await countCursors(operations, targets);
    const named = source === undefined ? counted(count, "cursor") : `the cursor of ${formatSourceKey(source)}`;
    // No answer is needed where there is no cursor to forget: that is reported.
    const confirmed = { what: `forget ${named}, so that everything is sent again`, yes: yes === true || count === 0, signal };
    return act(context, operations, { command: "state reset", targets, ...confirmed, as }, async () => {
      const before = cursorsBefore(
        (await operations.listState()).filter(({ source: each }) => targets.includes(formatSourceKey(each))),
      );
      const { sink, sources, refused = [] } = await operations.resetSources({ sources: source === undefined ? "all" : [source] });
      const kept = source === undefined ? orphansWithCursor(await operations.listState(), config) : [];
      const { stdout, stderr } = context.terminal;
      const rest = { ...(kept.length > 0 && { kept }), ...(refused.length > 0 && { refused }) };
      if (options.json === true) stdout.write(`${JSON.stringify({ sink, reset: sources, ...rest })}\n`);
      else if (sources.length === 0 && refused.length === 0) stdout.write("there was no cursor to forget\n");
      else for (const reset of sources) stdout.write(`${reset}: cursor forgotten; the next run sends everything to ${sink}\n`);
      if (kept.length > 0) stderr.write(hintFormat(context)(keptMessage(kept)));
      const [first] = refused;
      if (first === undefined) return { result: exitCode.ok, before, after: { reset: sources } };
      const codes = refused.map((each) => printError(context.terminal, toError(each), { formatHint: hintFormat(context) }));
      return { result: codes[0] ?? exitCode.failed, before, after: { reset: sources, refused }, error: toError(first) };
    });
  });
}

function toError({ source, code, message, hint = "run the command again" }: RefusedReset): ConnectorsError {
  return new ConnectorsError({ code, message: `${source}: cursor kept: ${message}`, hint });
}

async function countCursors(operations: Operations, targets: readonly string[]): Promise<number> {
  const states = await operations.listState();
  return states.filter(({ source, cursor }) => cursor !== undefined && targets.includes(formatSourceKey(source))).length;
}

/** Sets one stream of a source back to its beginning; the others stay where they are. */
async function resetStream(
  context: CommandContext,
  { operations, signal, ...configured }: StreamResetContext,
  { source, stream }: { readonly source: SourceKey; readonly stream: string },
  { yes, as, json }: ResetOptions,
): Promise<ExitCode> {
  const reset = await abilityOf("resetStream", source, configured);
  const name = formatSourceKey(source);
  const { terminal } = context;
  const what = `set the stream ${stream} of ${name} back to its beginning`;
  return act(context, operations, { command: "state reset", targets: [`${name} ${stream}`], what, yes, as, signal }, async () => {
    const cursor = await operations.getCursor(source);
    if (cursor === undefined) {
      terminal.stderr.write(`${name} has no cursor: its next run reads every stream from the beginning\n`);
      return { result: exitCode.failed };
    }
    const change = { cursor: reset.call(reset.options, cursor, stream), derivedFrom: [cursor], reason: `reset ${stream}` };
    await operations.changeCursor({ source, ...change });
    terminal.stdout.write(
      json === true
        ? `${JSON.stringify({ source: name, stream })}\n`
        : `${name}: the next run reads the stream ${stream} from its beginning\n`,
    );
    return { result: exitCode.ok, before: { cursor }, after: { cursor: change.cursor } };
  });
}

interface StreamResetContext {
  readonly operations: HeldOperations;
  readonly signal: AbortSignal;
  readonly config: ConnectorsConfig;
  readonly connectors: ReadonlyMap<string, Connector>;
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
