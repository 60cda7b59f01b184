import { epochTime } from "@statewave-connectors/connector-sdk/items";
import { toInstant } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";

/** A time in seconds, also as text, or as ISO 8601, which some notifications have: as ISO 8601 in UTC, in whole seconds, because keys hold it. */
export function anyTime() {
  return v.union([
    epochTime(),
    v.pipe(v.string(), v.regex(/^\d{1,12}$/), v.transform(Number), epochTime()),
    v.pipe(
      v.string(),
      v.isoTimestamp(),
      v.transform((text) => Date.parse(text)),
      v.finite(),
      v.transform((ms) => toInstant(ms)),
    ),
  ]);
}
