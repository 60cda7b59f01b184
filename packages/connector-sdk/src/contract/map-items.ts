import type { Episode } from "./episode.ts";
import { isConnectorsError } from "./errors.ts";
import type { FailedItem, Page } from "./page.ts";

/** How {@link mapItems} reads an item. */
export interface ItemMapping<Item> {
  /** The source's id of the item. Default: its `id`, where it has one. */
  readonly id: (item: Item) => string;
  /** The episodes of one item; none is fine. */
  readonly map: (item: Item) => readonly Episode[];
  /** What `PullSource.map` takes of an item that failed, see `FailedItem.raw`. Default: the item. */
  readonly raw?: (item: Item) => unknown;
}

type MappedItems = Required<Pick<Page, "episodes" | "failures">>;

/**
 * Maps the items of a page one by one: an item whose mapping throws becomes a failed item with its raw form, and the others pass. A
 * retryable error is thrown on, since it says nothing about the item.
 *
 * @example yield { ...mapItems(tickets, { map: toEpisodes }), cursor };
 * @example yield { ...mapItems(tickets, { id: ({ number }) => `acme#${number}`, map: toEpisodes }), cursor };
 */
export function mapItems<Item extends { readonly id: string | number }>(
  items: Iterable<Item>,
  mapping: Omit<ItemMapping<Item>, "id"> & Partial<Pick<ItemMapping<Item>, "id">>,
): MappedItems;
export function mapItems<Item>(items: Iterable<Item>, mapping: ItemMapping<Item>): MappedItems;
export function mapItems<Item>(
  items: Iterable<Item>,
  { id = ownId, map, raw = (item) => item }: Partial<ItemMapping<Item>> & Pick<ItemMapping<Item>, "map">,
): MappedItems {
  const episodes: Episode[] = [];
  const failures: FailedItem[] = [];
  for (const item of items) {
    try {
      // Copied first: a generator may throw behind some of them.
      const mapped = [...map(item)];
      for (const episode of mapped) episodes.push(episode);
    } catch (error) {
      if (isConnectorsError(error) && error.retryable) throw error;
      failures.push({ id: idOf(item, id), error, raw: rawOf(item, raw) });
    }
  }
  return { episodes, failures };
}

/** An item so broken that it has no id gets one from its raw form later. */
function idOf<Item>(item: Item, id: ItemMapping<Item>["id"]): string {
  try {
    return id(item);
  } catch {
    return "";
  }
}

/** An item so broken that its raw form cannot be made is kept as it is. */
function rawOf<Item>(item: Item, raw: (item: Item) => unknown): unknown {
  try {
    return raw(item);
  } catch {
    return item;
  }
}

function ownId(item: unknown): string {
  const { id } = item as { readonly id: unknown };
  return typeof id === "string" || typeof id === "number" ? String(id) : "";
}
