import { isConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import type { CursorHistory } from "./cursor-history.ts";
import type { HistoryEntry } from "./history-entry.ts";

/** A change of a cursor as people and tools see it: plain data. */
export interface HistoryView extends Omit<HistoryEntry, "before" | "length"> {
  /** Of the cursor that it replaced, in characters; absent: there was none. */
  readonly beforeLength?: number;
  /** That cursor; absent where it is too large to be kept, or its records are lost. */
  readonly before?: string;
}

/** All changes that are known of a source, the latest first. */
export async function viewHistory(history: CursorHistory, source: SourceKey): Promise<readonly HistoryView[]> {
  const views: HistoryView[] = [];
  for (const entry of await history.list(source)) {
    const { before, length, ...change } = entry;
    const cursor = await keptCursor(history, source, entry);
    views.push({
      ...change,
      ...(before === undefined ? {} : { beforeLength: length }),
      ...(cursor === undefined ? {} : { before: cursor }),
    });
  }
  return views;
}

/** One that is lost, or forgotten while the list is read, must not hide the other changes. */
async function keptCursor(history: CursorHistory, source: SourceKey, entry: HistoryEntry): Promise<string | undefined> {
  try {
    return await history.cursorBefore(source, entry);
  } catch (error) {
    if (isConnectorsError(error, "STORE_RECORD_UNREADABLE")) return undefined;
    throw error;
  }
}
