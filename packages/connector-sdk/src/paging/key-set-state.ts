import * as v from "valibot";
import { fromInstant } from "./instant.ts";
import { isSeenKey, type RowId } from "./seen.ts";

const instant = v.pipe(
  v.string(),
  v.check((text) => Number.isFinite(fromInstant(text)), "is not a time"),
);
const seenKey = v.pipe(v.string(), v.check(isSeenKey, "is not a time"));
const sum = v.pipe(v.string(), v.regex(/^[0-9a-f]{1,32}$/));

/**
 * The schema of a `KeysetState`, for a cursor; `id` is the schema of the ids. Its `entries` fit into a larger `v.strictObject`. Do not pass
 * its times through `clampTimes`: `keySetWalk` does not believe a stored time of the future and reads what was passed over meanwhile.
 */
export function keysetState<const Id extends v.GenericSchema<unknown, RowId>>(id: Id) {
  return v.strictObject({
    since: v.optional(instant),
    seen: v.record(seenKey, v.pipe(v.array(id), v.readonly())),
    etag: v.optional(v.string()),
    next: v.optional(v.string()),
    pass: v.optional(v.strictObject({ sum, until: instant, byNumber: v.optional(v.boolean()) })),
    earlier: v.optional(v.strictObject({ sum, until: instant, count: v.pipe(v.number(), v.safeInteger()) })),
    again: v.optional(v.boolean()),
  });
}
