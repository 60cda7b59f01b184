import { followPages, type FollowOptions } from "./follow-pages.ts";
import type { ListPage, PageRead } from "./list-page.ts";

/** What a page of a list with cursors says. */
export interface CursorRead<Item> extends PageRead<Item> {
  /** The provider's cursor of the next page; of the last page, where it names one, that of the next run. */
  readonly next: string | null | undefined;
  /** The provider's word that there is more. Undefined only where it has no such flag: then a missing cursor is the end. */
  readonly hasMore: boolean | undefined;
}

/**
 * Reads a list page by page, following the provider's opaque cursors, and ends only on the provider's word. A page that contradicts itself
 * is not yielded, so that the position of the page before it stays.
 *
 * @throws `<PREFIX>_PAGE_REPEATED`, `<PREFIX>_NEXT_PAGE_MISSING`, `<PREFIX>_TOO_MANY_PAGES`, and what `fetchPage` throws.
 */
export function cursorPages<Read extends CursorRead<unknown>>(
  options: FollowOptions<Read>,
): AsyncGenerator<ListPage<Read, string>, void, undefined> {
  return followPages(options, () => true);
}
