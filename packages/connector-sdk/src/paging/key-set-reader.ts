import { isConnectorsError } from "../contract/errors.ts";
import type { FailedItem } from "../contract/page.ts";
import { BrokenItems, type Judged } from "./broken-items.ts";
import type { Instant } from "./instant.ts";
import { aheadOf, type KeysetState } from "./key-set-plan.ts";
import type { NamedList } from "./named-list.ts";
import { PageSizes, type Sizes } from "./page-sizes.ts";
import type { RowId } from "./seen.ts";
import { isOverloaded, requestSmaller } from "./smaller-pages.ts";

/** Which rows to request: those changed at or after `since`, oldest first, or the page behind a link. */
export interface KeysetPosition {
  readonly since: Instant | undefined;
  /** A link that the provider gave, to be followed verbatim: it stands for everything else. */
  readonly next: string | undefined;
  /** To be sent as `If-None-Match`. */
  readonly etag: string | undefined;
}

/** What a request for rows found. */
export interface KeysetRead<Row> {
  /** In the order of the page: by time, oldest first. */
  readonly rows: readonly Row[];
  /** Rows that could not be read, such as rows of another form. */
  readonly failures?: readonly FailedItem[];
  /** How many rows were left out otherwise. Default 0. */
  readonly malformed?: number;
  /** A 304: nothing changed since the ETag that was sent. */
  readonly notModified?: boolean;
  readonly next?: string | undefined;
  /** The provider's word that there is more, where it gives no link to it. */
  readonly hasMore?: boolean | undefined;
  readonly etag?: string | undefined;
  /** The provider's clock, epoch milliseconds. */
  readonly dateMs: number;
}

/** How the pages of a key-set walk are requested. */
export interface KeysetRequests<Row> extends NamedList {
  readonly fetchPage: (position: KeysetPosition, size: number, signal: AbortSignal) => Promise<KeysetRead<Row>>;
  readonly signal: AbortSignal;
  /** Sizes of page, largest first. Default 100, 30, 10, 1. */
  readonly sizes?: Sizes;
  /** Whether a smaller page may succeed. Default: `isOverloaded`. */
  readonly isOverloaded?: (error: unknown) => boolean;
  /**
   * The link to a page of one row: the one with this number, from 0, among those changed at or after `since`. With it the walk steps over a row
   * that the provider cannot answer for; without it such a row ends the walk.
   */
  readonly rowAt?: (since: Instant | undefined, number: number) => string;
  /** The id of a row that is stepped over. Default: its place in the list. */
  readonly failedId?: (since: Instant | undefined, number: number) => string;
}

/** A page as it was found. */
export interface FoundPage<Row> {
  readonly read: KeysetRead<Row>;
  readonly size: number;
  /** The link that it is the page of. */
  readonly link: string | undefined;
  /** Rows that could not be read, and rows before the page that were stepped over. */
  readonly failures: readonly FailedItem[];
  /** Rows before the page were requested by their numbers. */
  readonly byNumber: boolean;
}

/** A row of the list, by its number among those changed at or after `since`. */
interface RowPlace {
  readonly since: Instant | undefined;
  readonly number: number;
}

/** Codes of a link that leads nowhere, any more or because it has too high a number. */
const staleCode = /_(?:NOT_FOUND|REFUSED|TOO_MANY_PAGES)$/;

/** Requests the pages of a key-set walk, smaller ones where the provider is overloaded. */
export class KeysetReader<Row> {
  readonly #requests: KeysetRequests<Row>;
  readonly #sizes: PageSizes;
  readonly #broken: BrokenItems<RowPlace, KeysetRead<Row>>;
  /** How many rows of the window were passed; undefined: the run began within the window. */
  #passed: number | undefined;
  #size: number;
  /** A link that was stored by an earlier run: the provider may have forgotten it. */
  #storedLink: string | undefined;

  constructor(requests: KeysetRequests<Row>, { next }: KeysetState) {
    this.#requests = requests;
    this.#sizes = new PageSizes(requests.sizes);
    this.#size = this.#sizes.largest;
    this.#storedLink = next;
    this.#broken = new BrokenItems({
      request: ({ since, number }) => this.#one(since, number),
      at: ({ since, number }, distance) => (number + distance < 0 ? undefined : { since, number: number + distance }),
      keyOf: ({ since, number }) => `${since} ${number}`,
      isOverloaded: this.#isOverloaded,
    });
  }

  /** The page at a state; undefined: the window must be read again from its beginning, without the link in the state. */
  async read<Id extends RowId>(state: KeysetState<Id>): Promise<FoundPage<Row> | undefined> {
    const ahead = aheadOf(state.next);
    const link = ahead === undefined ? state.next : undefined;
    if (link !== undefined) return await this.#follow(state.since, link);
    this.#passed = 0;
    this.#broken.moved();
    const since = ahead ?? state.since;
    const found = await requestSmaller({
      sizes: this.#sizes,
      isOverloaded: this.#isOverloaded,
      request: (size) => {
        const etag = size === this.#sizes.largest && ahead === undefined ? state.etag : undefined;
        return this.#fetch({ since, next: undefined, etag }, size);
      },
    });
    this.#size = found.size;
    if ("error" in found) return await this.#stepOver(since, found.error);
    return this.#found(since, found.answer);
  }

  /** The link stands for pages of the size that it was given with, so where it is too much, its window is read in smaller ones. */
  async #follow(since: Instant | undefined, link: string): Promise<FoundPage<Row> | undefined> {
    try {
      const read = await this.#fetch({ since, next: link, etag: undefined }, this.#size);
      this.#storedLink = undefined;
      return this.#found(since, read, link);
    } catch (error) {
      const isStale = link === this.#storedLink && isConnectorsError(error) && staleCode.test(error.code);
      this.#storedLink = undefined;
      if (isStale) return undefined;
      if (!this.#isOverloaded(error)) throw error;
      if (this.#sizes.tooLarge(this.#size)) return undefined;
      return await this.#stepOver(since, error);
    }
  }

  /** Tries the rows behind one that failed alone, until the provider answers for one of them. */
  async #stepOver(since: Instant | undefined, failure: unknown): Promise<FoundPage<Row>> {
    const { rowAt, signal } = this.#requests;
    if (rowAt === undefined || this.#size !== 1 || this.#passed === undefined) throw failure;
    const judged: Judged<RowPlace, KeysetRead<Row>>[] = [];
    let error = failure;
    for (;;) {
      signal.throwIfAborted();
      const place = { since, number: this.#passed };
      const cause = error;
      judged.push(await this.#ofRow(failure, () => this.#broken.judge(place, cause)));
      this.#passed += 1;
      this.#sizes.advance(1);
      const number = this.#passed;
      try {
        const read = await this.#ofRow(failure, () => this.#one(since, number));
        // The ETag is that of one row, and proves nothing of the list.
        return this.#found(since, { ...read, etag: undefined }, rowAt(since, number), judged);
      } catch (next) {
        if (!this.#isOverloaded(next)) throw next;
        error = next;
      }
    }
  }

  /** Some lists cannot be read by number: then the failure of the page is what matters. */
  async #ofRow<Value>(failure: unknown, request: () => Promise<Value>): Promise<Value> {
    try {
      return await request();
    } catch (error) {
      throw isConnectorsError(error) && staleCode.test(error.code) ? failure : error;
    }
  }

  async #one(since: Instant | undefined, number: number): Promise<KeysetRead<Row>> {
    return await this.#fetch({ since, next: this.#requests.rowAt?.(since, number), etag: undefined }, 1);
  }

  /** A page, behind the rows that were requested on their own before it. What slipped into their place is read with it. */
  #found(
    since: Instant | undefined,
    read: KeysetRead<Row>,
    link?: string,
    judged: readonly Judged<RowPlace, KeysetRead<Row>>[] = [],
  ): FoundPage<Row> {
    const { failedId, list } = this.#requests;
    const count = countOf(read);
    this.#sizes.advance(count);
    if (this.#passed !== undefined) {
      if (count > 0) this.#broken.answered();
      this.#passed += count;
    }
    const late = judged.flatMap((item) => ("answer" in item ? [item.answer] : []));
    const failures = judged.flatMap((item): readonly FailedItem[] => {
      if ("answer" in item) return [];
      const { place, error } = item;
      const id = failedId?.(place.since, place.number);
      return [{ id: id ?? `${list}: row ${place.number} since ${place.since ?? "the beginning"}`, error }];
    });
    return {
      read: {
        ...read,
        rows: [...late.flatMap(({ rows }) => rows), ...read.rows],
        malformed: [...late, read].reduce((sum, { malformed = 0 }) => sum + malformed, 0),
      },
      size: this.#size,
      link,
      failures: [...failures, ...[...late, read].flatMap((each) => each.failures ?? [])],
      byNumber: judged.length > 0,
    };
  }

  #fetch(position: KeysetPosition, size: number): Promise<KeysetRead<Row>> {
    return this.#requests.fetchPage(position, size, this.#requests.signal);
  }

  get #isOverloaded(): (error: unknown) => boolean {
    return this.#requests.isOverloaded ?? isOverloaded;
  }
}

/** How many rows the provider returned. */
export function countOf({ rows, failures = [], malformed = 0 }: KeysetRead<unknown>): number {
  return rows.length + failures.length + malformed;
}
