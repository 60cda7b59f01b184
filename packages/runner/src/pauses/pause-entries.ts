import { systemClock, toError } from "@statewave-connectors/connector-sdk/host";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import type { Actor } from "../actions/actor.ts";
import { type ActionLog, recordAction } from "../actions/record-action.ts";
import { type EntryName, formatEntryName } from "../entry-name.ts";
import type { Pause } from "./pause.ts";
import { PauseRecords } from "./pause-records.ts";

/** What `pause` or `resume` did to one entry. */
export interface PauseChange {
  readonly entry: EntryName;
  readonly before: Pause | undefined;
  readonly after: Pause | undefined;
}

export interface PauseAction {
  readonly entries: readonly EntryName[];
  readonly by: Actor;
  readonly reason?: string | undefined;
}

/** Entries changed at a time: each takes the store two round trips. */
const atOnce = 16;

/** What became of a command. */
export interface PauseOutcome {
  readonly changes: readonly PauseChange[];
  /** Present when the store failed: of `entries`, each is as it was, or is changed although the answer was lost. */
  readonly failure?: { readonly error: Error; readonly entries: readonly EntryName[] };
}

/** Pauses entries until they are resumed. One that is paused already keeps the earlier requests. Kept in the audit log. */
export function pauseEntries(log: ActionLog, { entries, by, reason }: PauseAction): Promise<PauseOutcome> {
  const { records, clock = systemClock } = log;
  const pauses = new PauseRecords(records);
  // Once a secret is replaced, no process knows it any more and nothing would mask it.
  const request = { by, atMs: clock.now(), reason: reason === undefined ? undefined : maskSecrets(reason) };
  return change(log, "pause", { entries, by, reason }, async (entry) => ({ entry, ...(await pauses.add(entry, request)) }));
}

/** Ends the pauses of entries. One that another person pauses at the same moment has an `after`, and stays paused. Kept in the audit log. */
export function resumeEntries(log: ActionLog, action: PauseAction): Promise<PauseOutcome> {
  const pauses = new PauseRecords(log.records);
  return change(log, "resume", action, async (entry) => ({ entry, ...(await pauses.remove(entry)) }));
}

function change(
  log: ActionLog,
  command: string,
  { entries, by, reason }: PauseAction,
  changeOne: (entry: EntryName) => Promise<PauseChange>,
): Promise<PauseOutcome> {
  return recordAction(log, { by, command, targets: entries.map(formatEntryName), reason }, async () => {
    const outcome = await changeInSteps(entries, changeOne);
    const { changes, failure } = outcome;
    const changed = { before: requestsIn(changes, "before"), after: requestsIn(changes, "after") };
    return { result: outcome, ...changed, ...(failure !== undefined && { error: failure.error }) };
  });
}

/** A store that fails is not called for the rest of them. */
async function changeInSteps(
  entries: readonly EntryName[],
  changeOne: (entry: EntryName) => Promise<PauseChange>,
): Promise<PauseOutcome> {
  const changes: PauseChange[] = [];
  for (let start = 0; start < entries.length; start += atOnce) {
    const named = entries.slice(start, start + atOnce);
    const step = await Promise.allSettled(named.map(changeOne));
    changes.push(...step.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])));
    const failed = step.find((result) => result.status === "rejected");
    if (failed === undefined) continue;
    const unchanged = named.filter((_, index) => step[index]?.status === "rejected");
    return { changes, failure: { error: toError(failed.reason), entries: [...unchanged, ...entries.slice(start + atOnce)] } };
  }
  return { changes };
}

/** The requests of each entry as the audit log shows them, none for one that is not paused. */
function requestsIn(changes: readonly PauseChange[], moment: "before" | "after"): unknown {
  return changes.map((each) => ({
    entry: formatEntryName(each.entry),
    requests: (each[moment]?.requests ?? []).map(({ by, atMs, reason }) => ({
      ...by,
      at: new Date(atMs).toISOString(),
      ...(reason !== undefined && { reason }),
    })),
  }));
}
