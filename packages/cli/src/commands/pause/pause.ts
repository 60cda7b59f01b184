import type { ConnectorsConfig } from "@statewave-connectors/config";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { EntryName, PauseChange, PauseOutcome } from "@statewave-connectors/runner/entries";
import type { Operations } from "@statewave-connectors/runner/operations";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { pauseToJson } from "../../terminal/json-style.ts";
import type { CommandContext } from "../command-context.ts";
import { withOperations } from "../with-operations.ts";

export interface PauseOptions {
  readonly all?: boolean;
  readonly reason?: string;
  readonly as?: string;
  readonly json?: boolean;
}

// Loaded with the operations anyway.
const loadEntries = () => import("@statewave-connectors/runner/entries");

/** Pauses or resumes entries. Exit code 1 when one of them stays paused, because it was paused again at the same moment. */
export function changePauses(
  context: CommandContext,
  act: "pause" | "resume",
  names: readonly string[],
  options: PauseOptions,
): Promise<ExitCode> {
  return withOperations(context, async (operations, _signal, config) => {
    const { actorOfProcess } = await import("@statewave-connectors/runner/actions");
    const { pauseEntries, resumeEntries } = await loadEntries();
    const entries = await chosenEntries({ act, names, all: options.all === true }, operations, config);
    const action = { entries, by: actorOfProcess(options.as), reason: options.reason };
    const changePause = act === "pause" ? pauseEntries : resumeEntries;
    const { changes, failure } = entries.length === 0 ? noOutcome : await changePause({ records: operations.records }, action);
    for (const change of changes) await print(context, act, change, options.json === true);
    if (failure !== undefined) {
      await reportFailure(context, act, { done: changes.length, left: failure.entries });
      throw failure.error;
    }
    if (changes.length === 0 && options.json !== true) context.terminal.stdout.write("no entry is paused\n");
    if (act === "pause") await nameBackfills(context, operations, changes);
    return act === "resume" && changes.some(({ after }) => after !== undefined) ? exitCode.failed : exitCode.ok;
  });
}

const noOutcome: PauseOutcome = { changes: [] };

/** A write whose answer was lost may be stored, so nothing is claimed of those that are left. */
async function reportFailure(
  { terminal }: CommandContext,
  act: Chosen["act"],
  { done, left }: { readonly done: number; readonly left: readonly EntryName[] },
): Promise<void> {
  const { formatEntryName } = await loadEntries();
  const names = left.map(formatEntryName).join(", ");
  terminal.stderr.write(
    `${act}: ${done} of ${counted(done + left.length, "entry", "entries")} done; unchanged or unconfirmed: ${names}\n` +
      `run the command again: entries that are done stay as they are\n`,
  );
}

/** A pause holds what begins by itself. A backfill was requested by a command, and another command ends it. */
async function nameBackfills(
  { terminal }: CommandContext,
  operations: Operations,
  changes: readonly PauseChange[],
): Promise<void> {
  const paused = new Set(changes.flatMap(({ entry }) => (entry.direction === "pull" ? formatSourceKey(entry.source) : [])));
  if (paused.size === 0) return;
  const backfills = await operations.listBackfills().catch(() => []);
  for (const { id, source, status } of backfills)
    if (status === "open" && paused.has(source))
      terminal.stderr.write(`${source}: its backfill ${id} continues; \`backfill cancel ${id}\` ends it\n`);
}

interface Chosen {
  readonly act: "pause" | "resume";
  readonly names: readonly string[];
  readonly all: boolean;
}

/** A paused entry may be resumed although it has left the configuration. */
async function chosenEntries(
  { act, names, all }: Chosen,
  { records }: Operations,
  config: ConnectorsConfig,
): Promise<readonly EntryName[]> {
  const { chooseEntry, entryNamesOf, formatEntryName, nameHint, parseTypedEntry, PauseRecords } = await loadEntries();
  const paused = act === "pause" ? [] : await new PauseRecords(records).list();
  if (all) return act === "pause" ? entryNamesOf(config) : paused.map(({ direction, source }) => ({ direction, source }));
  const known = new Map([...entryNamesOf(config), ...paused].map((entry) => [formatEntryName(entry), entry]));
  const chosen = names.map((name) => {
    const typed = parseTypedEntry(name);
    if (typed === undefined) throw unreadable(name, nameHint(withoutDirection(name), namesOf([...known.values()])));
    const { direction, source } = chooseEntry(typed, [...known.values()]);
    return { direction, source };
  });
  return [...new Map(chosen.map((entry) => [formatEntryName(entry), entry])).values()];
}

async function print({ terminal }: CommandContext, act: Chosen["act"], change: PauseChange, json: boolean): Promise<void> {
  const { describePause, formatEntryName } = await loadEntries();
  const { before, after } = change;
  const name = formatEntryName(change.entry);
  if (json) {
    terminal.stdout.write(`${JSON.stringify(pauseToJson(name, act, change))}\n`);
    return;
  }
  const described = (pause: PauseChange["after"]) => (pause === undefined ? "" : ` ${describePause(pause)}`.trimEnd());
  if (act === "pause") {
    const earlier = before === undefined ? "paused" : `was paused already${described(before)}`;
    terminal.stdout.write(`${name}: ${earlier}\n`);
  } else if (after !== undefined) {
    const others = counted(after.requests.length, "request");
    terminal.stderr.write(`${name}: stays paused: another command paused it at this moment (${others}); run \`resume\` again\n`);
  } else {
    terminal.stdout.write(`${name}: ${before === undefined ? "was not paused" : `resumed; it was paused${described(before)}`}\n`);
  }
}

function namesOf(entries: readonly EntryName[]): readonly string[] {
  return entries.map(({ source }) => formatSourceKey(source));
}

function withoutDirection(name: string): string {
  return name.replace(/^(?:pull|push):/, "");
}

function unreadable(name: string, hint: string): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_ENTRY_NAME_INVALID",
    message: `${JSON.stringify(name.slice(0, 200))} names no entry`,
    hint,
  });
}
