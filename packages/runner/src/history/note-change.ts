import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { CursorChange, CursorHistory } from "./cursor-history.ts";

/**
 * Changes a cursor once the change is in its history: a change that a crash kept out of the history could not be undone. A change that is refused leaves
 * the history again if the cursor is still the one before; of one whose outcome is unknown, such as after a lost connection, the entry stays.
 */
export async function noteChange<Result>(
  history: CursorHistory | undefined,
  change: CursorChange,
  make: () => Promise<Result>,
  isUnchanged: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<Result> {
  const number = await history?.add(change);
  try {
    return await make();
  } catch (error) {
    const wasRefused = isRefusal(error) && (await isUnchanged().catch(() => false));
    // The refusal is reported, whatever becomes of the entry.
    if (number !== undefined && wasRefused) await history?.withdraw(change.source, number).catch(() => undefined);
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return isConnectorsError(error) && (!error.retryable || error.code === "STORE_IN_USE");
}
