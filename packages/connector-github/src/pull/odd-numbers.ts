import { fromInstant } from "@statewave-connectors/connector-sdk/paging";
import type { ListState } from "./cursor.ts";

/** A row that may be an issue's. */
interface NumberedRow {
  readonly number?: number;
  readonly created_at: string;
}

/**
 * Whether rows show that another repository has the name now: numbers only grow, so an issue that is newer than the newest one has a
 * higher number. Where the newest one is not known, any issue that was opened since may be odd.
 */
export function oddNumbers({ begun, newest }: Pick<ListState, "begun" | "newest">, rows: readonly NumberedRow[]): boolean {
  if (begun === undefined) return false;
  return rows.some(({ number, created_at: at }) => {
    if (number === undefined) return false;
    if (newest === undefined) return fromInstant(at) > fromInstant(begun);
    return number <= newest.number && fromInstant(at) > fromInstant(newest.at);
  });
}

/** The row with the highest number so far. */
export function newestOf(newest: ListState["newest"], rows: readonly NumberedRow[]): ListState["newest"] {
  let found = newest;
  for (const { number, created_at: at } of rows) {
    if (number !== undefined && number > (found?.number ?? 0)) found = { number, at };
  }
  return found;
}
