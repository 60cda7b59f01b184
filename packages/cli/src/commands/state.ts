import { formatSourceKey, type SourceKey, type SourceState } from "@statewave-connectors/connector-sdk";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { CommandContext } from "../program.ts";
import { withOperations } from "../with-operations.ts";

/** Lists every source the store knows, with its cursor's age and what is under way. */
export function listState(context: CommandContext, options: { readonly json?: boolean }): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    const states = await operations.listState();
    const { stdout } = context.terminal;
    if (options.json === true) {
      stdout.write(`${JSON.stringify(states.map(toJson), undefined, 2)}\n`);
      return exitCode.ok;
    }
    if (states.length === 0) stdout.write("no source has any state yet\n");
    for (const state of states) stdout.write(`${formatSourceKey(state.source)}\t${summarise(state)}\n`);
    return exitCode.ok;
  });
}

function toJson({ source, ...state }: SourceState): unknown {
  return { source: formatSourceKey(source), ...state };
}

function summarise(state: SourceState): string {
  const facts = [state.updatedAtMs === undefined ? "no cursor" : `cursor of ${new Date(state.updatedAtMs).toISOString()}`];
  if (state.lease !== undefined) facts.push("running");
  else if (state.openDueMs !== undefined) facts.push("unfinished");
  return facts.join(", ");
}

/** Prints a source's cursor as it is stored; exit code 1 when there is none. */
export function getState(context: CommandContext, source: SourceKey): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    const cursor = await operations.getCursor(source);
    if (cursor === undefined) {
      context.terminal.stderr.write(`${formatSourceKey(source)} has no cursor\n`);
      return exitCode.failed;
    }
    context.terminal.data.write(`${cursor}\n`);
    return exitCode.ok;
  });
}

/** Sets a source's cursor by hand; a tick that is running loses its lease. */
export function setState(context: CommandContext, source: SourceKey, cursor: string): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    await operations.setCursor(source, cursor);
    context.terminal.stdout.write(`${formatSourceKey(source)}: cursor set\n`);
    return exitCode.ok;
  });
}

/** Forgets a source's cursor: the next tick reads from the beginning. Exit code 1 when there was none. */
export function deleteState(context: CommandContext, source: SourceKey): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    const deleted = await operations.deleteCursor(source);
    const { stdout, stderr } = context.terminal;
    if (!deleted) {
      stderr.write(`${formatSourceKey(source)} has no cursor\n`);
      return exitCode.failed;
    }
    stdout.write(`${formatSourceKey(source)}: cursor deleted; the next tick reads from the beginning\n`);
    return exitCode.ok;
  });
}
