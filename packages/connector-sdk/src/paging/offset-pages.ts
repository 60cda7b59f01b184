import type { ListPage } from "./list-page.ts";
import { type NumberedOptions, numberedPages, type NumberedRead } from "./numbered-pages.ts";

export interface OffsetPagesOptions<Read extends NumberedRead<unknown>> extends NumberedOptions<Read> {
  /** Requests `size` items, of which the first has the number `offset`, from 0. */
  readonly fetchPage: (offset: number, size: number, signal: AbortSignal) => Promise<Read>;
  /** The provider gives the first so many items only. */
  readonly maxOffset?: number;
}

/**
 * Reads a list by offset and limit, and ends on the provider's word: `hasMore`, `total`, or, without either, an empty page. For lists that
 * do not move while they are read; one that is sorted by time wants `keySetWalk`.
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
    // As many as came: a page that the provider has cut is read on where it was cut.
    span: ({ items, count }) => count ?? items.length,
    limitAt: (offset) => (offset >= maxOffset ? `${maxOffset} items` : undefined),
  });
}
