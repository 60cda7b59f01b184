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
/** So many windows follow one that was too much before a wider one is tried; twice as many after the next one. */
const firstRest = 8;

/**
 * The UIDs from `from` to `to`, in windows: a search over a folder with a million mails has an answer of seven megabytes. Where there are
 * few UIDs the windows grow, and where a search is too much for the server, or takes it too long, they shrink.
 */
export async function* uidWindows(
  search: (first: number, last: number) => Promise<readonly number[]>,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<UidWindow, void, undefined> {
  let span = firstSpan;
  let rest = 0;
  let nextRest = firstRest;
  let isLastTry = false;
  for (let first = from; first <= to;) {
    const last = Math.min(to, first + span - 1);
    let found;
    try {
      found = await search(first, last);
    } catch (error) {
      const width = last - first + 1;
      const isSmallest = width <= smallestSpan;
      // A connection that was dropped silently looks like a search that takes too long: the smallest window is tried twice.
      if (!isOverloaded(error) || (isSmallest && isLastTry)) throw error;
      isLastTry = isSmallest;
      span = Math.max(smallestSpan, Math.floor(width / 8));
      rest = nextRest;
      nextRest *= 2;
      continue;
    }
    isLastTry = false;
    const start = first;
    const uids = found.filter((uid) => uid >= start && uid <= last);
    yield { uids, last };
    first = last + 1;
    if (rest > 0) rest -= 1;
    else if (uids.length < sparse) span *= 8;
    else span = Math.max(firstSpan, Math.floor(span / 8));
  }
}
