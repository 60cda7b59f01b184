import type { FailedItem } from "../contract/page.ts";
import type { ListOptions, ListPage, PageRead } from "./list-page.ts";
import { nextPageMissing, shownPosition, tooManyPages } from "./named-list.ts";
import { PageSizes } from "./page-sizes.ts";
import { ProgressWatch } from "./progress-watch.ts";
import { isOverloaded, requestSmaller } from "./smaller-pages.ts";

/** What a page says about where the next one is. */
export interface FollowedRead<Item> extends PageRead<Item> {
  readonly next: string | null | undefined;
  readonly hasMore?: boolean | undefined;
}

export interface FollowOptions<Read extends FollowedRead<unknown>> extends ListOptions<Read["items"][number]> {
  /** Where to start; undefined: at the first page. */
  readonly from?: string | undefined;
  /** The most pages to read. Where more are left, the walk ends with an error. Default: all. */
  readonly maxPages?: number;
  readonly fetchPage: (position: string | undefined, size: number, signal: AbortSignal) => Promise<Read>;
  /**
   * Whether an error says that the provider has forgotten the position `from`, which was stored for too long: the list is then read from its
   * first page. Default: such an error ends the walk.
   */
  readonly isExpired?: (error: unknown) => boolean;
  /**
   * Called when the smallest page fails, which must be that of one item: finds what the walk needs to step over the item, its id and the
   * position behind it. For providers that return an item's id without its contents, or that list by time. Default: an item that the
   * provider cannot return ends the walk.
   */
  readonly stepOver?: (position: string | undefined, signal: AbortSignal) => Promise<SteppedOver<Read>>;
}

/** An item that the walk steps over. */
export interface SteppedOver<Read> {
  /** The id of the failed item. Absent: the contents of the item are read in another way, so that it is not a failed item. */
  readonly id?: string;
  /** The page without the contents of the item. */
  readonly read: Read;
}

interface FollowedPage<Read> {
  readonly read: Read;
  readonly failures: readonly FailedItem[];
}

/** Reads a list whose pages name the next one. `hasSize`: whether the page at a position may be requested in another size. */
export async function* followPages<Read extends FollowedRead<unknown>>(
  options: FollowOptions<Read>,
  hasSize: (position: string | undefined) => boolean,
): AsyncGenerator<ListPage<Read, string>, void, undefined> {
  const { fetchPage, signal, maxPages = Infinity, isExpired = () => false } = options;
  let watch = new ProgressWatch(options, options.keyOf);
  const sizes = new PageSizes(options.sizes);
  const readAt = async (position: string | undefined): Promise<FollowedPage<Read>> => {
    if (!hasSize(position)) return { read: await fetchPage(position, sizes.largest, signal), failures: [] };
    const found = await requestSmaller({
      sizes,
      isOverloaded: options.isOverloaded ?? isOverloaded,
      request: (size) => fetchPage(position, size, signal),
    });
    if (!("error" in found)) return { read: found.answer, failures: [] };
    return await stepOver(options, position, found);
  };
  let position = options.from;
  let resumeAt = position;
  watch.position(position);
  for (let pages = 1; ; pages += 1) {
    signal.throwIfAborted();
    const { read, failures } = await readAt(position).catch((error: unknown) => {
      // A position that the provider named in this walk would expire again.
      if (pages > 1 || position === undefined || !isExpired(error)) throw error;
      // The list may lead to that position again.
      watch = new ProgressWatch(options, options.keyOf);
      position = undefined;
      watch.position(position);
      return readAt(position);
    });
    const next = read.next === null || read.next === "" ? undefined : read.next;
    const hasMore = read.hasMore ?? next !== undefined;
    if (hasMore && next === undefined) {
      throw nextPageMissing(options, `its answer to ${shownPosition(position)} names no next page`);
    }
    if (hasMore) watch.position(next);
    if (watch.page(read.items) || !hasMore) resumeAt = next;
    sizes.advance(Math.max(read.items.length + failures.length, 1));
    yield { items: read.items, failures, next: resumeAt, hasMore, read };
    if (!hasMore) return;
    if (pages >= maxPages) throw tooManyPages(options, `${maxPages} pages`);
    position = next;
  }
}

/** The provider answers without the item, so that the item is at fault if it fails again. */
async function stepOver<Read extends FollowedRead<unknown>>(
  options: FollowOptions<Read>,
  position: string | undefined,
  failed: { readonly size: number; readonly error: unknown },
): Promise<FollowedPage<Read>> {
  const { fetchPage, signal } = options;
  if (options.stepOver === undefined) throw failed.error;
  const { id, read } = await options.stepOver(position, signal);
  try {
    return { read: await fetchPage(position, failed.size, signal), failures: [] };
  } catch (error) {
    if (!(options.isOverloaded ?? isOverloaded)(error)) throw error;
    return { read, failures: id === undefined ? [] : [{ id, error }] };
  }
}
