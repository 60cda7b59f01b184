import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";

/** Everything up to the change with this number is safe. The version tells a cursor of today from one of a later layout. */
const Cursor = v.strictObject({ v: v.literal(1), after: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });

export function formatCursor(after: number): string {
  return JSON.stringify({ v: 1, after });
}

/** No cursor: from the beginning. Throws EXAMPLE_CURSOR_INVALID for one that was not written here. */
export function parseCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  try {
    return v.parse(Cursor, JSON.parse(cursor)).after;
  } catch (cause) {
    throw new ConnectorsError({
      code: "EXAMPLE_CURSOR_INVALID",
      message: `the stored cursor was not written by this version (it begins ${JSON.stringify(cursor.slice(0, 40))})`,
      hint: "delete it with `state delete`; then everything is read from the beginning, and nothing is stored twice",
      cause,
    });
  }
}
