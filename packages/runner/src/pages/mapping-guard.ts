import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { PageReading, ReadPage } from "./read-page.ts";

/** On smaller pages a few broken items are no sign of a broken mapping. */
const smallestJudgedPage = 20;
const mostFailuresInARow = 100;
const maxShownReason = 200;

/**
 * Tells broken items from a broken mapping, which would bury a whole first sync. Asked before anything of a page is buried or its cursor
 * stored, it throws `PULL_MAPPING_BROKEN` (or `PUSH_…`) when more than half of a page of 20 items or more failed, or 100 items in a row.
 */
export class MappingGuard {
  readonly #reading: Pick<PageReading, "source" | "direction">;
  #inARow: number;

  /** @param isSuspect the run before ended here: then the first page without an episode ends this one too. */
  constructor(reading: Pick<PageReading, "source" | "direction">, isSuspect = false) {
    this.#reading = reading;
    this.#inARow = isSuspect ? mostFailuresInARow - 1 : 0;
  }

  check({ fetched, episodes, failures }: ReadPage): void {
    if (fetched >= smallestJudgedPage && failures.length > fetched / 2)
      throw this.#broken(`${failures.length} of ${fetched} items of a page`, failures[0]?.reason);
    this.#inARow = episodes.length > 0 ? 0 : this.#inARow + failures.length;
    if (failures.length > 0 && this.#inARow >= mostFailuresInARow)
      throw this.#broken(`${this.#inARow} items in a row`, failures[0]?.reason);
  }

  #broken(what: string, reason: string | undefined): ConnectorsError {
    const { source, direction } = this.#reading;
    return new ConnectorsError({
      code: direction === "pull" ? "PULL_MAPPING_BROKEN" : "PUSH_MAPPING_BROKEN",
      message: `${formatSourceKey(source)}: ${what} cannot be mapped; the first: ${reason?.slice(0, maxShownReason) ?? "no reason given"}`,
      hint: hints[direction],
    });
  }
}

const hints: Readonly<Record<PageReading["direction"], string>> = {
  pull: "update the connector, or report this to its author; nothing of this page is buried, and its cursor is not stored",
  push: "update the connector, or report this to its author, then put the event back with `dead-letters retry`",
};
