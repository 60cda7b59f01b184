import { isOverloaded } from "@statewave-connectors/connector-sdk/paging";

/** The UIDs between two, and up to where they are all. */
export interface UidWindow {
  readonly uids: readonly number[];
  /** Every UID of the folder up to here was yielded. */
  readonly last: number;
}

/** UIDs have 32 bits. */
export const highestUid = 4_294_967_295;

const firstSpan = 20_000;
const smallestSpan = 500;
/** A window with fewer is followed by a wider one. */
const sparse = firstSpan / 10;

/**
 * The UIDs from `from` to `to`, in windows: a search over a folder with a million mails has an answer of seven megabytes. Where there are
 * few UIDs the windows grow, and where the answer is too much for the server they shrink.
 */
export async function* uidWindows(
  search: (first: number, last: number) => Promise<readonly number[]>,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<UidWindow, void, undefined> {
  let span = firstSpan;
  for (let first = from; first <= to;) {
    const last = Math.min(to, first + span - 1);
    let found;
    try {
      found = await search(first, last);
    } catch (error) {
      if (!isOverloaded(error) || span <= smallestSpan) throw error;
      span = Math.max(smallestSpan, Math.floor(span / 8));
      continue;
    }
    const start = first;
    const uids = found.filter((uid) => uid >= start && uid <= last);
    yield { uids, last };
    first = last + 1;
    if (uids.length < sparse) span *= 8;
    else if (span > firstSpan) span = Math.max(firstSpan, Math.floor(span / 8));
  }
}
