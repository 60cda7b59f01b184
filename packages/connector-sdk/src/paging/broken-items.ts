/** This many broken items in a row mean that something else is wrong. */
const mostInARow = 100;
/** How often an item must fail again, each time while another one is answered. */
const attempts = 2;
/**
 * How far away another item is requested first: neighbours may be broken for the same reason. Items before it were answered in this run, and
 * those behind it may be broken, too.
 */
const distances = [-7, -5, -3, -2, -1, 7, 5, 3, 2, 1];
/** How many other items are requested before the provider is at fault: one of them may be broken too. */
const mostWitnesses = 3;

/** The last attempt at an item that failed on its own. */
export type Judged<Place, Answer> =
  | { readonly place: Place; readonly answer: Answer }
  /** The item is broken. */
  | { readonly place: Place; readonly error: unknown };

/** How single items are requested. */
export interface BrokenItemsOptions<Place, Answer> {
  readonly request: (place: Place) => Promise<Answer>;
  /** The item so many places behind another one, or before it; undefined: there is none. */
  readonly at: (place: Place, distance: number) => Place | undefined;
  /** What a place is recognised by. Default: the place itself. */
  readonly keyOf?: (place: Place) => unknown;
  /** Requests something else where there is no other item. */
  readonly probe?: (() => Promise<unknown>) | undefined;
  /** Whether an error may be due to the item. */
  readonly isOverloaded: (error: unknown) => boolean;
}

/**
 * Decides whether an item or the provider is at fault when the item fails on its own. It requests other items in the same way: if one
 * is answered and the item fails again, twice, the item is broken.
 */
export class BrokenItems<Place, Answer> {
  readonly #options: BrokenItemsOptions<Place, Answer>;
  readonly #broken = new Set<unknown>();
  #inARow = 0;

  constructor(options: BrokenItemsOptions<Place, Answer>) {
    this.#options = options;
  }

  /**
   * To be called after an item failed on its own.
   *
   * @throws the error, if the provider is at fault.
   */
  async judge(place: Place, error: unknown): Promise<Judged<Place, Answer>> {
    const { request, isOverloaded, keyOf = (same: Place) => same } = this.#options;
    this.#inARow += 1;
    if (this.#inARow >= mostInARow) throw error;
    let last = error;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (!(await this.#answersAnother(place))) throw error;
      try {
        return { place, answer: await request(place) };
      } catch (failure) {
        if (!isOverloaded(failure)) throw failure;
        last = failure;
      }
    }
    this.#broken.add(keyOf(place));
    return { place, error: last };
  }

  /** To be called after an answer. */
  answered(): void {
    this.#inARow = 0;
  }

  /** To be called when the items may have other places by now: the known ones say nothing of them. */
  moved(): void {
    this.#broken.clear();
  }

  async #answersAnother(place: Place): Promise<boolean> {
    for (const witness of this.#witnesses(place)) {
      try {
        await witness();
        return true;
      } catch (failure) {
        if (!this.#options.isOverloaded(failure)) throw failure;
      }
    }
    return false;
  }

  #witnesses(place: Place): readonly (() => Promise<unknown>)[] {
    const { request, at, probe, keyOf = (same: Place) => same } = this.#options;
    const others = distances
      .map((distance) => at(place, distance))
      .filter((other) => other !== undefined)
      .filter((other) => !this.#broken.has(keyOf(other)));
    if (others.length > 0) return others.slice(0, mostWitnesses).map((other) => () => request(other));
    return probe === undefined ? [] : [probe];
  }
}
