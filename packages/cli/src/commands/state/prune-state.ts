import type { ConnectorsConfig } from "@statewave-connectors/config";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import type { Operations } from "@statewave-connectors/runner/operations";
import { act } from "../acting.ts";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { formatAge } from "../../terminal/format-age.ts";
import type { CommandContext } from "../command-context.ts";
import { withOperations } from "../with-operations.ts";
import { cursorsBefore } from "./cursors-before.ts";

/** A source that ran within this time may belong to another deployment on the same store. */
const restedMs = 30 * 24 * 60 * 60_000;

export interface PruneOptions {
  readonly yes?: boolean;
  readonly as?: string;
  readonly json?: boolean;
}

/** Forgets the cursors of stored sources that are not configured and have not run for 30 days; without `yes` only lists them. */
export function pruneState(context: CommandContext, { yes = false, as, json = false }: PruneOptions): Promise<ExitCode> {
  const { stdout, stderr } = context.terminal;
  return withOperations(context, async (operations, signal, config) => {
    const nowMs = Date.now();
    const orphans = orphansOf(await operations.listState(), config);
    const rested = orphans.filter((state) => lastUseMs(state) <= nowMs - restedMs && state.lease === undefined);
    const kept = orphans.filter((state) => !rested.includes(state));
    const names = rested.map(({ source }) => formatSourceKey(source));
    const keptNames = kept.map(({ source }) => formatSourceKey(source));
    if (!json) for (const name of keptNames) stderr.write(`${name} is not configured, but ran within 30 days: cursor kept\n`);
    if (!yes) {
      if (json) stdout.write(`${JSON.stringify({ prunable: names, kept: keptNames })}\n`);
      else for (const state of rested) stdout.write(`${formatSourceKey(state.source)}: ${describe(state, nowMs)}\n`);
      if (!json)
        stdout.write(
          `${counted(rested.length, "cursor")} would be forgotten${rested.length === 0 ? "" : "; pass --yes to do it"}\n`,
        );
      return exitCode.ok;
    }
    const what = `forget ${counted(rested.length, "cursor")}`;
    return act(context, operations, { command: "state prune", targets: names, what, yes, as, signal }, async () => {
      const pruned = await prune(operations, rested, (name) => stderr.write(`${name} is in use: cursor kept\n`));
      stdout.write(json ? `${JSON.stringify({ pruned, kept: keptNames })}\n` : `${counted(pruned.length, "cursor")} forgotten\n`);
      return { result: exitCode.ok, before: cursorsBefore(rested), after: { pruned } };
    });
  });
}

/** Leaves a source alone that was written since. */
async function prune(
  operations: Operations,
  states: readonly SourceState[],
  onInUse: (name: string) => void,
): Promise<readonly string[]> {
  const pruned: string[] = [];
  for (const { source, cursor } of states) {
    const name = formatSourceKey(source);
    try {
      await operations.changeCursor({ source, derivedFrom: cursor === undefined ? [] : [cursor], reason: "prune" });
      pruned.push(name);
    } catch (error) {
      if (!isConnectorsError(error, "STORE_IN_USE") && !isConnectorsError(error, "STORE_CURSOR_MOVED")) throw error;
      onInUse(name);
    }
  }
  return pruned;
}

function orphansOf(states: readonly SourceState[], { pull }: ConnectorsConfig): readonly SourceState[] {
  const configured = new Set(pull.map(formatSourceKey));
  return states.filter(({ source, cursor }) => cursor !== undefined && !configured.has(formatSourceKey(source)));
}

function lastUseMs({ finishedDueMs = 0, openDueMs = 0, updatedAtMs = 0 }: SourceState): number {
  return Math.max(finishedDueMs, openDueMs, updatedAtMs);
}

function describe(state: SourceState, nowMs: number): string {
  const lastMs = lastUseMs(state);
  return lastMs === 0 ? "not configured, never ran" : `not configured, last ran ${formatAge(nowMs - lastMs)} ago`;
}
