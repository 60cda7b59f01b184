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
  /** The provider gives no page with a higher number. */
  readonly lastPage?: number;
}

/**
 * Reads a list by page numbers, and ends on the provider's word: `hasMore`, `totalPages`, `total`, or, without any, an empty page. Where a
 * page is too much, the pages of a smaller size that lie within it are read. For lists that do not move while they are read; one that is
 * sorted by time wants `keySetWalk`.
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
    // The next page is the next number, however many items of this one are left out.
    span: (_read, size) => size,
    limitAt: (offset, size) => (numberOf(offset, size) > lastPage ? `${lastPage} pages` : undefined),
  });
}
