import type { FailedItem } from "../contract/page.ts";
import { BrokenItems, type Judged } from "./broken-items.ts";
import type { ListOptions, ListPage, PageRead } from "./list-page.ts";
import { nextPageMissing, tooManyPages } from "./named-list.ts";
import { PageSizes } from "./page-sizes.ts";
import { ProgressWatch } from "./progress-watch.ts";
import { isOverloaded, requestSmaller } from "./smaller-pages.ts";

/** A page of a numbered list, and what it says about the end of the list. */
export interface NumberedRead<Item> extends PageRead<Item> {
  /** The provider's word that there is more. */
  readonly hasMore?: boolean | undefined;
  /** How many items the whole list has, by the provider's word. */
  readonly total?: number | undefined;
  /** How many items the provider counted into this page, where `items` leaves some out. */
  readonly count?: number | undefined;
}

export interface NumberedOptions<Read extends NumberedRead<unknown>> extends ListOptions<Read["items"][number]> {
  /** The number of the first item to read, from 0; default 0. */
  readonly from?: number | undefined;
  /** The id of the item at `offset`, when the provider cannot answer for it. Default: its place in the list. */
  readonly failedId?: (offset: number) => string;
}

/** How the pages of a list are numbered. */
export interface Numbering<Read> {
  readonly fetchAt: (offset: number, size: number) => Promise<Read>;
  /** Pages of a size begin at its multiples only. */
  readonly isAligned: boolean;
  /** How many items a page of `size` covers. */
  readonly span: (read: Read, size: number) => number;
  /** The provider's limit, in words, that the page at `offset` exceeds; undefined if it does not. */
  readonly limitAt: (offset: number, size: number) => string | undefined;
}

/** Reads a list by the numbers of its items. An item that fails on a page of its own is passed over; see `BrokenItems`. */
export async function* numberedPages<Read extends NumberedRead<unknown>>(
  options: NumberedOptions<Read>,
  numbering: Numbering<Read>,
): AsyncGenerator<ListPage<Read, number>, void, undefined> {
  const { signal } = options;
  const overloaded = options.isOverloaded ?? isOverloaded;
  const watch = new ProgressWatch(options, options.keyOf);
  const sizes = new PageSizes(options.sizes);
  const broken = new BrokenItems<number, Read>({
    request: (place) => numbering.fetchAt(place, 1),
    at: (place, distance) => {
      const other = place + distance;
      return other < 0 || numbering.limitAt(other, 1) !== undefined ? undefined : other;
    },
    isOverloaded: overloaded,
  });
  const judged: Judged<number, Read>[] = [];
  const isLimitOfSize = (at: number, size: number) =>
    numbering.limitAt(at, size) !== undefined && numbering.limitAt(at, sizes.largest) === undefined;
  let offset = options.from ?? 0;
  // Only a smaller page begins here, and it has no number that the provider accepts: the large page around it has one.
  if (isLimitOfSize(offset, sizes.at(offset))) offset -= offset % sizes.largest;
  /** Why pages became smaller. */
  let overload: unknown;
  let isOutOfNumbers = false;
  let resumeAt = offset;
  for (;;) {
    signal.throwIfAborted();
    const start = offset;
    const found = await requestSmaller({
      sizes,
      ...(numbering.isAligned ? { offset } : {}),
      isOverloaded: (error) => {
        if (isOutOfNumbers || !overloaded(error)) return false;
        overload = error;
        return true;
      },
      request: (size) => {
        isOutOfNumbers = overload !== undefined && isLimitOfSize(start, size);
        if (isOutOfNumbers) throw overload;
        const limit = numbering.limitAt(start, size);
        if (limit !== undefined) throw tooManyPages(options, limit);
        return numbering.fetchAt(start, size);
      },
    });
    if ("error" in found) {
      if (found.size !== 1) throw found.error;
      judged.push(await broken.judge(offset, found.error));
      sizes.advance(1);
      offset += 1;
      continue;
    }
    const { answer: read, size } = found;
    broken.answered();
    const span = numbering.span(read, size);
    offset += span;
    sizes.advance(span);
    const hasMore = isMoreAt(offset, read);
    if (hasMore && span === 0) throw nextPageMissing(options, `its page at item ${offset} is empty`);
    if (watch.page(read.items) || !hasMore) resumeAt = offset;
    yield { ...withJudged(options, judged.splice(0), read.items), next: resumeAt, hasMore, read };
    if (!hasMore) return;
  }
}

/** If the provider does not say whether there is more, only an empty page is the end: a short page may have other reasons. */
function isMoreAt(offset: number, { hasMore, total, items, count }: NumberedRead<unknown>): boolean {
  if (hasMore !== undefined) return hasMore;
  return total === undefined ? (count ?? items.length) > 0 : offset < total;
}

/** A page behind the items that were requested on their own. */
function withJudged<Read extends NumberedRead<unknown>>(
  { failedId, list }: NumberedOptions<Read>,
  judged: readonly Judged<number, Read>[],
  items: Read["items"],
): { readonly items: Read["items"]; readonly failures: readonly FailedItem[] } {
  const late = judged.flatMap((item) => ("answer" in item ? item.answer.items : []));
  const failures = judged.flatMap((item): readonly FailedItem[] =>
    "error" in item ? [{ id: failedId?.(item.place) ?? `${list}: item ${item.place}`, error: item.error }] : [],
  );
  return { items: late.length === 0 ? items : [...late, ...items], failures };
}
