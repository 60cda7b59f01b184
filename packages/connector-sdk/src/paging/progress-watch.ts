import { randomUUID } from "node:crypto";
import { type NamedList, pageRepeated, shownPosition } from "./named-list.ts";
import { RepeatWatch } from "./repeat-watch.ts";

/** If a list changes while it is read, a page may repeat; this many in a row may not. */
const mostRepeatedPages = 3;
/** A provider that filters after paging returns empty pages, but not this many in a row. */
const mostEmptyPages = 1_000;

/** Ends the walk over a list that makes no progress, because positions or items repeat. */
export class ProgressWatch<Item> {
  readonly #list: NamedList;
  readonly #keyOf: (item: Item) => string;
  readonly #positions = new RepeatWatch();
  readonly #contents = new RepeatWatch();
  #repeated = 0;
  #empty = 0;

  constructor(list: NamedList, keyOf: (item: Item) => string = toJson) {
    this.#list = list;
    this.#keyOf = (item) => keyIn(item, keyOf);
  }

  /** @throws `<PREFIX>_PAGE_REPEATED` for a position that came before. */
  position(position: string | undefined): void {
    if (!this.#positions.isRepeat(position === undefined ? "" : `=${position}`)) return;
    throw pageRepeated(this.#list, `${shownPosition(position)} comes again as the next page`);
  }

  /**
   * Whether the page brings the walk on. One that was read before does not: a later run must begin before it, for the provider may have
   * sent it in place of another.
   *
   * @throws `<PREFIX>_PAGE_REPEATED` for the third page in a row that was read before, and for a thousand empty ones.
   */
  page(items: readonly Item[]): boolean {
    this.#empty = items.length === 0 ? this.#empty + 1 : 0;
    if (this.#empty >= mostEmptyPages) throw pageRepeated(this.#list, `${mostEmptyPages} pages in a row were empty`);
    if (items.length === 0) return this.#repeated === 0;
    const isRepeat = this.#contents.isRepeat(JSON.stringify(items.map((item) => this.#keyOf(item))));
    this.#repeated = isRepeat ? this.#repeated + 1 : 0;
    if (this.#repeated < mostRepeatedPages) return !isRepeat;
    throw pageRepeated(this.#list, `${mostRepeatedPages} pages in a row hold only items of earlier pages`);
  }
}

/** An item so broken that it has no key, such as null, costs no other item: its content is its key. */
function keyIn<Item>(item: Item, keyOf: (item: Item) => string): string {
  try {
    return keyOf(item);
  } catch {
    return toJson(item);
  }
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // Nested deeper than JSON can be written: like no other item, so that it never counts as a repeat.
    return randomUUID();
  }
}
