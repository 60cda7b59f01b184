import type { FailedItem } from "../contract/page.ts";
import type { NamedList } from "./named-list.ts";
import type { Sizes } from "./page-sizes.ts";

/** What all generators of pages take. */
export interface ListOptions<Item> extends NamedList {
  readonly signal: AbortSignal;
  /** Sizes of page to request, largest first; smaller ones only where the provider does not manage larger ones. Default 100, 30, 10, 1. */
  readonly sizes?: Sizes;
  /** Whether a smaller page may succeed. Default: `isOverloaded`. */
  readonly isOverloaded?: (error: unknown) => boolean;
  /** What is equal when an item comes again unchanged. Default: the item as JSON. */
  readonly keyOf?: (item: Item) => string;
}

/** What a request for a page found. It may hold more, which is handed on in `ListPage.read`. */
export interface ReadPage<Item> {
  readonly items: readonly Item[];
}

/** One page of a list. */
export interface ListPage<Read extends ReadPage<unknown>, Position> {
  readonly items: Read["items"];
  /** Items that the provider cannot answer for, however small the page. */
  readonly failures: readonly FailedItem[];
  /** Where to resume behind this page: now, or, when there is no more, in a later run where the provider names such a position. */
  readonly next: Position | undefined;
  /** Whether there is more now. */
  readonly hasMore: boolean;
  /** What `fetchPage` returned. */
  readonly read: Read;
}
