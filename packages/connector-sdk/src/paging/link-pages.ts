import { followPages, type FollowOptions } from "./follow-pages.ts";
import type { ListPage, PageRead } from "./list-page.ts";

/** What a page of a list with links says. */
export interface LinkRead<Item> extends PageRead<Item> {
  /** The link to the next page, verbatim; undefined: this is the last one. */
  readonly next: string | null | undefined;
  /** The provider's word that there is more, where it says so beside its link. */
  readonly hasMore?: boolean | undefined;
}

/**
 * Reads a list page by page, following the provider's links (a Link header, `next_page`, `after_url`), and ends where there is none. A link
 * is followed verbatim, so only the first page, which `fetchPage` gets without a link, can be made smaller.
 *
 * @throws `<PREFIX>_PAGE_REPEATED`, `<PREFIX>_NEXT_PAGE_MISSING`, `<PREFIX>_TOO_MANY_PAGES`, and what `fetchPage` throws.
 */
export function linkPages<Read extends LinkRead<unknown>>(
  options: FollowOptions<Read>,
): AsyncGenerator<ListPage<Read, string>, void, undefined> {
  return followPages(options, (link) => link === undefined);
}
