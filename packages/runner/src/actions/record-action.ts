import { type Clock, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { systemClock, toError } from "@statewave-connectors/connector-sdk/host";
import { recordLimits, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import {
  type OperatorAction,
  type ActionChange,
  beginAction,
  endAction,
  failAction,
  parseAction,
  type ActionEntry,
  type RecordedAction,
} from "./recorded-action.ts";

export interface ActionLog {
  readonly records: StoreRecords;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** What an action returns to its caller, and what it changed. */
export interface ActionResult<Result> extends ActionChange {
  readonly result: Result;
  /** Why only a part of it is done, where the caller still gets the result. */
  readonly error?: Error;
}

const scope = "audit";
/** The audit log holds so many of the latest actions. */
const mostActions = 500;
const keptMs = 400 * 24 * 60 * 60_000;
const timeDigits = 15;

/**
 * Carries out an action and keeps it in the audit log: it is written before `act` is called, so that one that is killed shows as `begun`,
 * and completed afterwards. A store that cannot take the first entry prevents the action.
 */
export async function recordAction<Result>(
  log: ActionLog,
  action: OperatorAction,
  act: () => Promise<ActionResult<Result>>,
): Promise<Result> {
  const { records, clock = systemClock } = log;
  const begun = beginAction(action, clock.now());
  const { key, version } = await writeFirst(log, begun);
  // An entry that cannot be completed stays `begun`: the action is done all the same.
  const complete = (entry: ActionEntry) =>
    records.compareAndSet({ ...toWrite(key, entry), expectedVersion: version }).catch(() => undefined);
  try {
    const { result, error, ...change } = await act();
    await complete(error === undefined ? endAction(begun, change, clock.now()) : failAction(begun, error, clock.now(), change));
    return result;
  } catch (error) {
    await complete(failAction(begun, toError(error), clock.now()));
    throw error;
  } finally {
    await forgetOldest(records).catch(() => undefined);
  }
}

/** The same on a store that may keep no records: then there is no audit log, and the action is carried out all the same. */
export async function recordActionIfKept<Result>(
  log: ActionLog,
  action: OperatorAction,
  act: () => Promise<ActionResult<Result>>,
): Promise<Result> {
  return (await keepsRecords(log.records)) ? recordAction(log, action, act) : (await act()).result;
}

const keepsNone = ["STORE_RECORDS_MISSING", "STORE_MEMORY", "RUNNER_CONTROL_REQUEST"];

/** A store of another package, or a running process of an earlier release, may keep none; one in memory keeps none for a tool. */
async function keepsRecords(records: StoreRecords): Promise<boolean> {
  try {
    await records.scopes({ limit: 1 });
    return true;
  } catch (error) {
    if (keepsNone.some((code) => isConnectorsError(error, code))) return false;
    throw error;
  }
}

/** The kept actions, the latest first; at most `limit`. */
export async function listActions(records: StoreRecords, limit = mostActions): Promise<readonly RecordedAction[]> {
  const stored = await records.list(scope, { limit: recordLimits.perList });
  const actions = stored.flatMap(({ key, value }) => parseAction(key, value) ?? []);
  return actions.toReversed().slice(0, limit);
}

interface WrittenEntry {
  readonly key: string;
  readonly version: number;
}

/** Two actions of the same instant have different keys. */
async function writeFirst({ records, random = Math.random }: ActionLog, entry: ActionEntry): Promise<WrittenEntry> {
  const time = String(Math.max(0, Math.floor(entry.atMs))).padStart(timeDigits, "0");
  for (;;) {
    const suffix = Math.floor(random() * 2 ** 32).toString(16);
    const key = `${time} ${suffix.padStart(8, "0")}`;
    const result = await records.compareAndSet({ ...toWrite(key, entry), expectedVersion: 0 });
    if (result.stored) return { key, version: result.version };
  }
}

function toWrite(key: string, entry: ActionEntry) {
  return { scope, key, value: JSON.stringify(entry), ttlMs: keptMs };
}

async function forgetOldest(records: StoreRecords): Promise<void> {
  const stored = await records.list(scope, { limit: recordLimits.perList });
  for (const { key, version } of stored.slice(0, Math.max(0, stored.length - mostActions)))
    await records.compareAndSet({ scope, key, expectedVersion: version });
}
