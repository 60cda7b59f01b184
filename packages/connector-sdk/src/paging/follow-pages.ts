import type { ListOptions, ListPage, ReadPage } from "./list-page.ts";
import { nextPageMissing, shownPosition, tooManyPages } from "./named-list.ts";
import { PageSizes } from "./page-sizes.ts";
import { ProgressWatch } from "./progress-watch.ts";
import { isOverloaded, requestSmaller } from "./smaller-pages.ts";

/** What a page says about where the next one is. */
export interface FollowedRead<Item> extends ReadPage<Item> {
  readonly next: string | null | undefined;
  readonly hasMore?: boolean | undefined;
}

export interface FollowOptions<Read extends FollowedRead<unknown>> extends ListOptions<Read["items"][number]> {
  /** Where to start; undefined: at the first page. */
  readonly from?: string | undefined;
  /** The most pages to read. Where more are left, the walk ends with an error. Default: all. */
  readonly maxPages?: number;
  readonly fetchPage: (position: string | undefined, size: number, signal: AbortSignal) => Promise<Read>;
}

/** Reads a list whose pages name the next one. `hasSize`: whether the page at a position may be requested in another size. */
export async function* followPages<Read extends FollowedRead<unknown>>(
  options: FollowOptions<Read>,
  hasSize: (position: string | undefined) => boolean,
): AsyncGenerator<ListPage<Read, string>, void, undefined> {
  const { fetchPage, signal, maxPages = Infinity } = options;
  const watch = new ProgressWatch(options, options.keyOf);
  const sizes = new PageSizes(options.sizes);
  const readAt = async (position: string | undefined): Promise<Read> => {
    if (!hasSize(position)) return await fetchPage(position, sizes.largest, signal);
    const found = await requestSmaller({
      sizes,
      isOverloaded: options.isOverloaded ?? isOverloaded,
      request: (size) => fetchPage(position, size, signal),
    });
    // Only the provider knows the position behind the item that fails.
    if ("error" in found) throw found.error;
    return found.answer;
  };
  let position = options.from;
  watch.position(position);
  for (let pages = 1; ; pages += 1) {
    signal.throwIfAborted();
    const read = await readAt(position);
    const next = read.next === null || read.next === "" ? undefined : read.next;
    const hasMore = read.hasMore ?? next !== undefined;
    if (hasMore && next === undefined) {
      throw nextPageMissing(options, `its answer to ${shownPosition(position)} names no next page`);
    }
    if (hasMore) watch.position(next);
    watch.page(read.items);
    sizes.advance(read.items.length);
    yield { items: read.items, failures: [], next, hasMore, read };
    if (!hasMore) return;
    if (pages >= maxPages) throw tooManyPages(options, `${maxPages} pages`);
    position = next;
  }
}
