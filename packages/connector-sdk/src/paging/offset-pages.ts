import type { ListPage } from "./list-page.ts";
import { type NumberedOptions, numberedPages, type NumberedRead } from "./numbered-pages.ts";

export interface OffsetPagesOptions<Read extends NumberedRead<unknown>> extends NumberedOptions<Read> {
  /** Requests `size` items from the number `offset` on; the first item has the number 0. */
  readonly fetchPage: (offset: number, size: number, signal: AbortSignal) => Promise<Read>;
  /** How many items the provider returns at most, from the first one on. */
  readonly maxOffset?: number;
}

/**
 * Reads a list by offset and limit, and ends only when the provider says so: by `hasMore`, by `total`, or, without either, by an empty page.
 * For lists that do not change while they are read. If the list can be filtered and sorted by time, use `keySetWalk`.
 *
 * @throws `<PREFIX>_PAGE_REPEATED`, `<PREFIX>_NEXT_PAGE_MISSING`, `<PREFIX>_TOO_MANY_PAGES`, and what `fetchPage` throws.
 */
export function offsetPages<Read extends NumberedRead<unknown>>(
  options: OffsetPagesOptions<Read>,
): AsyncGenerator<ListPage<Read, number>, void, undefined> {
  const { fetchPage, signal, maxOffset = Infinity } = options;
  return numberedPages(options, {
    isAligned: false,
    fetchAt: (offset, size) => fetchPage(offset, Math.min(size, maxOffset - offset), signal),
    // If the provider returns fewer items than requested, the next page begins behind the last of them.
    span: ({ items, count }) => count ?? items.length,
    limitAt: (offset) => (offset >= maxOffset ? `${maxOffset} items` : undefined),
  });
}
