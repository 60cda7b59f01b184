import type { ListPage } from "./list-page.ts";
import { type NumberedOptions, numberedPages, type NumberedRead } from "./numbered-pages.ts";

export interface PageNumberRead<Item> extends NumberedRead<Item> {
  /** How many pages of the requested size there are, by the provider's word. */
  readonly totalPages?: number | undefined;
}

export interface PageNumberPagesOptions<Read extends PageNumberRead<unknown>> extends NumberedOptions<Read> {
  /** Requests the page of that number, in pages of `size` items each. The largest size must be one that the provider grants. */
  readonly fetchPage: (page: number, size: number, signal: AbortSignal) => Promise<Read>;
  /** The number of the first page; default 1. */
  readonly firstPage?: 0 | 1;
  /** The highest page number that the provider accepts. */
  readonly lastPage?: number;
}

/**
 * Reads a list by page numbers, and ends only when the provider says so: by `hasMore`, by `totalPages`, by `total`, or, without any of them,
 * by an empty page. A page that is too large for the provider is read as several smaller pages that cover the same items. For lists that
 * do not change while they are read. If the list can be filtered and sorted by time, use `keySetWalk`.
 *
 * @throws `<PREFIX>_PAGE_REPEATED`, `<PREFIX>_NEXT_PAGE_MISSING`, `<PREFIX>_TOO_MANY_PAGES`, and what `fetchPage` throws.
 */
export function pageNumberPages<Read extends PageNumberRead<unknown>>(
  options: PageNumberPagesOptions<Read>,
): AsyncGenerator<ListPage<Read, number>, void, undefined> {
  const { fetchPage, signal, firstPage = 1, lastPage = Infinity } = options;
  const numberOf = (offset: number, size: number) => Math.floor(offset / size) + firstPage;
  return numberedPages(options, {
    isAligned: true,
    fetchAt: async (offset, size) => {
      const page = numberOf(offset, size);
      const read = await fetchPage(page, size, signal);
      if (read.hasMore !== undefined || read.totalPages === undefined) return read;
      return { ...read, hasMore: page - firstPage + 1 < read.totalPages };
    },
    // The next page has the next number, even if this page has fewer items than its size.
    span: (_read, size) => size,
    limitAt: (offset, size) => (numberOf(offset, size) > lastPage ? `${lastPage} pages` : undefined),
  });
}
