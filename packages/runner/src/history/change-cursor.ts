import { ConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { CursorStore, Lease } from "@statewave-connectors/connector-sdk/store";
import type { CursorHistory } from "./cursor-history.ts";
import type { HistoryEntry } from "./history-entry.ts";
import { noteChange } from "./note-change.ts";

/** Another cursor for a source, made by a command. */
export interface ChangedCursor {
  readonly source: SourceKey;
  /** Absent: none, so that the next run reads from the beginning. */
  readonly cursor?: string | undefined;
  /** The cursor that the new one was derived from, in a list of one, or of none where there was none. Absent: whatever there is. */
  readonly derivedFrom?: readonly string[] | undefined;
  /** As the history shows it. */
  readonly reason: string;
}

/** The changes that an undo takes back. */
export interface UndoneChanges {
  /** The first of them. Absent: the latest change. */
  readonly number?: number | undefined;
  /** The latest one that the operator has seen. Absent: whatever there is. */
  readonly latest?: number | undefined;
}

/** Where cursors and their history are. */
export interface ChangePlaces {
  readonly store: CursorStore;
  /** Undefined: the store keeps no records. */
  readonly history: CursorHistory | undefined;
}

const owner = "state command";
/** Far longer than a few calls take, and short enough if this process dies between them. */
const ttlMs = 30_000;

/**
 * Replaces a source's cursor under its lease, so that no run comes in between. Throws `STORE_IN_USE` while the source runs, and
 * `STORE_CURSOR_MOVED` when the stored cursor is not the one that the new one was derived from.
 */
export async function changeCursor(places: ChangePlaces, change: ChangedCursor): Promise<void> {
  const { source, cursor, derivedFrom, reason } = change;
  await underLease(places.store, source, async (lease) => {
    if (derivedFrom !== undefined && derivedFrom[0] !== lease.cursor) throw moved(source);
    await replace(places, lease, cursor, reason);
  });
}

/**
 * Restores the cursor as it was before a change: the latest one, or the one with this number, and all that were made after it. Throws as
 * `changeCursor` does, also when `latest` is not the latest change, and `STORE_HISTORY_MISSING` when nothing is known of such a change.
 */
export async function undoChange(
  places: ChangePlaces,
  source: SourceKey,
  { number, latest }: UndoneChanges,
): Promise<HistoryEntry> {
  const { store, history } = places;
  return underLease(store, source, async (lease) => {
    const entries = (await history?.list(source)) ?? [];
    if (latest !== undefined && entries[0]?.number !== latest) throw moved(source);
    const entry = number === undefined ? entries[0] : entries.find((each) => each.number === number);
    if (history === undefined || entry === undefined) throw unknownChange(source, number, entries);
    if (entry.before === "too_large") throw notKept(source, entry);
    await replace(places, lease, await history.cursorBefore(source, entry), `undo ${entry.number}`);
    return entry;
  });
}

async function replace(
  { store, history }: ChangePlaces,
  lease: Lease,
  cursor: string | undefined,
  reason: string,
): Promise<void> {
  const { source, cursor: before } = lease;
  if (cursor === before) return;
  await noteChange(history, { source, reason, before }, async () => {
    if (cursor === undefined) await store.delete(source);
    else if (!(await store.checkpoint(lease, cursor))) throw inUse(source);
  });
}

async function underLease<Result>(
  store: CursorStore,
  source: SourceKey,
  act: (lease: Lease) => Promise<Result>,
): Promise<Result> {
  const [answer] = await store.acquire([{ source, owner, ttlMs }]);
  if (answer?.granted !== true) throw inUse(source);
  try {
    return await act(answer.lease);
  } finally {
    await store.release(answer.lease, { type: "done" }).catch(() => undefined);
  }
}

function inUse(source: SourceKey): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_IN_USE",
    message: `${formatSourceKey(source)} is running at this moment`,
    hint: "wait for the run to end, or stop the runner; one that crashed counts as running for 30 s",
    retryable: true,
  });
}

function moved(source: SourceKey): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_CURSOR_MOVED",
    message: `the cursor of ${formatSourceKey(source)} was changed meanwhile`,
    hint: "run the command again",
    retryable: true,
  });
}

function unknownChange(source: SourceKey, number: number | undefined, entries: readonly HistoryEntry[]): ConnectorsError {
  const key = formatSourceKey(source);
  const known = entries.length === 0 ? "no change is known" : `known are ${entries.at(-1)?.number} to ${entries[0]?.number}`;
  return new ConnectorsError({
    code: "STORE_HISTORY_MISSING",
    message: `${key} has no change ${number === undefined ? "to undo" : String(number)}: ${known}`,
    hint: `look at \`statewave-connectors state history ${key}\``,
  });
}

function notKept(source: SourceKey, { number }: HistoryEntry): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_HISTORY_MISSING",
    message: `the cursor of ${formatSourceKey(source)} before the change ${number} was not kept: it is larger than 1 MiB`,
    hint: "name an earlier change with --to, or a cursor of a back-up with `state set`",
  });
}
