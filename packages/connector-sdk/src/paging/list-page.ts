import type { FailedItem } from "../contract/page.ts";
import type { NamedList } from "./named-list.ts";
import type { Sizes } from "./page-sizes.ts";

/** What all generators of pages take. */
export interface ListOptions<Item> extends NamedList {
  readonly signal: AbortSignal;
  /** The sizes of page to request, largest first. A smaller one is requested if a larger one fails. Default 100, 30, 10, 1. */
  readonly sizes?: Sizes;
  /** Whether a smaller page may succeed. Default: `isOverloaded`. */
  readonly isOverloaded?: (error: unknown) => boolean;
  /** A text that is equal for the same unchanged item. Default: the item as JSON. */
  readonly keyOf?: (item: Item) => string;
}

/** What `fetchPage` returns. Additional fields are available in `ListPage.read`. */
export interface PageRead<Item> {
  readonly items: readonly Item[];
}

/** One page of a list. */
export interface ListPage<Read extends PageRead<unknown>, Position> {
  readonly items: Read["items"];
  /** Items that the provider cannot answer for, however small the page. */
  readonly failures: readonly FailedItem[];
  /** The position behind this page. On the last page: where a later run resumes, if the provider names such a position. */
  readonly next: Position | undefined;
  /** Whether there is more now. */
  readonly hasMore: boolean;
  /** What `fetchPage` returned. */
  readonly read: Read;
}
