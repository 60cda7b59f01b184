import type { Episode } from "./episode.ts";

/** An item of the source that could not be mapped. It is kept as a dead letter, and the rest of the page is delivered. */
export interface FailedItem {
  /**
   * The source's id of the item, e.g. `acme/widgets#42`: the same item fails once, however often it is read. 1–512 characters; without one
   * an id is made from `raw`.
   */
  readonly id: string;
  /** What the mapping threw. Its code and message become the reason of the dead letter. */
  readonly error: unknown;
  /**
   * What `map` takes: JSON-able, without credentials. Over 256 KiB as JSON it is not kept, and a retry fetches the item by its id. Absent:
   * the connector does not hold it.
   */
  readonly raw?: unknown;
}

/** How much of its source a connector has still to read, as far as it is known. The runner estimates from it how long that takes. */
export interface ReadingProgress {
  /** Items that the provider counts behind this page. */
  readonly itemsLeft?: number;
  /** Of a source that is read in the order of its changes: the last change that was read, ISO 8601. */
  readonly readTo?: string;
}

/** Every store keeps a cursor of this size, in UTF-8; a page with a larger one ends its run. */
export const maxCursorBytes = 1024 * 1024;

/** What a connector yields: some episodes, and in a pull the cursor to store once they are safe. */
export interface Page {
  readonly episodes: readonly Episode[];
  /** "Resume from here" once every episode of this and of all earlier pages is safe. Absent: nothing to store yet. `maxCursorBytes` (1 MiB) at most. */
  readonly cursor?: string;
  /** Items the connector left out on purpose, counted by a short reason such as `too_large`. */
  readonly skipped?: Readonly<Record<string, number>>;
  /** Items that could not be mapped. Make them with `mapItems`, so that one broken item never costs its page. */
  readonly failures?: readonly FailedItem[];
  /** How far the reading has come. It is shown, and decides nothing. */
  readonly progress?: ReadingProgress;
}

/** How failed items are mapped again. Of a receiver as of a pull source. */
export interface ItemMapper {
  /**
   * Maps `FailedItem.raw` again, with the mapping of `pages`: the same episodes with the same keys. Pure; throws while the item cannot be
   * mapped. Absent: a failed item can be seen and discarded, not retried.
   */
  map?(raw: unknown): readonly Episode[];
  /**
   * Fetches an item as `map` takes it, by `FailedItem.id`: for those whose raw form was not kept. Undefined: the source does not have it any more. Absent: such an item
   * cannot be retried.
   */
  fetchItem?(id: string, signal: AbortSignal): Promise<unknown>;
}
