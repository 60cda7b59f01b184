import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { CheckedFailedItem } from "./failures.ts";
import type { PageOrigin, ReadPage } from "./read-page.ts";

/** On a smaller page a few broken items do not prove a broken mapping. */
const smallestJudgedPage = 20;
const mostFailuresInARow = 100;
/** Items that the error names: none is buried, so that the error is the only place that shows them. */
const shownItems = 3;
const maxShownId = 64;
const maxShownReason = 200;

/**
 * Distinguishes broken items from a broken mapping, which would bury a whole first sync. Called before anything of a page is buried or its
 * cursor stored, it throws `PULL_MAPPING_BROKEN` (or `PUSH_…`) when more than half of a page of 20 items or more failed, or 100 items in a row.
 */
export class MappingGuard {
  readonly #origin: Pick<PageOrigin, "source" | "direction">;
  /** The run before ended here, and this one has mapped nothing yet: its first page without an episode ends it too. */
  #isSuspect: boolean;
  #inARow = 0;
  #notKept = 0;

  constructor(origin: Pick<PageOrigin, "source" | "direction">, isSuspect = false) {
    this.#origin = origin;
    this.#isSuspect = isSuspect;
  }

  /** Failed items of the page that it refused: nothing of them is buried, the page is read again. */
  get notKept(): number {
    return this.#notKept;
  }

  check({ fetched, episodes, failures }: ReadPage): void {
    if (fetched >= smallestJudgedPage && failures.length > fetched / 2)
      throw this.#broken(`${failures.length} of ${fetched} items of a page`, failures);
    this.#inARow = episodes.length > 0 ? 0 : this.#inARow + failures.length;
    if (episodes.length > 0) this.#isSuspect = false;
    if (failures.length === 0) return;
    if (this.#isSuspect) throw this.#broken(`all items so far (${this.#inARow}), as in the run before,`, failures);
    if (this.#inARow >= mostFailuresInARow) throw this.#broken(`${this.#inARow} items in a row`, failures);
  }

  #broken(what: string, failures: readonly CheckedFailedItem[]): ConnectorsError {
    this.#notKept = failures.length;
    const { source, direction } = this.#origin;
    const shown = failures.slice(0, shownItems).map(showItem).join(", ");
    const more = failures.length > shownItems ? ` and ${failures.length - shownItems} more on this page` : "";
    return new ConnectorsError({
      code: direction === "pull" ? "PULL_MAPPING_BROKEN" : "PUSH_MAPPING_BROKEN",
      message: `${formatSourceKey(source)}: ${what} cannot be mapped: ${shown}${more}`,
      hint: hints[direction],
    });
  }
}

/** The id and the reason of an item, each cut to what a line of a log has room for. */
function showItem({ id, reason }: Pick<CheckedFailedItem, "id" | "reason">): string {
  return `${id.slice(0, maxShownId)} (${reason.slice(0, maxShownReason)})`;
}

const hints: Readonly<Record<PageOrigin["direction"], string>> = {
  pull: "update the connector, or report this to its author; nothing of this page is buried, and its cursor is not stored",
  push: "update the connector, or report this to its author, then put the event back with `dead-letters retry`",
};
