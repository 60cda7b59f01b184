import * as v from "valibot";
import {
  parseSinceDefault,
  type SinceDefaultFault,
  sinceDefaultFault,
  sinceDefaultMessage,
  sinceDefaultMessages,
} from "./since-default.ts";

/** The option `since_default`: a date, or an age such as `"90d"`. {@link firstSyncSinceMs} makes a moment of what the connector gets. */
export function sinceDefault() {
  return v.pipe(
    v.union([v.date(), v.string()], sinceDefaultMessage),
    // One check for each reason, so that the words stand in the schema and may be shown whatever the value is.
    without("no-day"),
    without("no-offset"),
    without("no-date"),
    without("too-old"),
    without("before-1970"),
    without("form"),
    v.rawTransform(({ dataset, NEVER }) => parseSinceDefault(dataset.value) ?? NEVER),
    v.metadata({ type: "date or age" }),
  );
}

function without(fault: SinceDefaultFault) {
  return v.check((value: string | Date) => sinceDefaultFault(value) !== fault, sinceDefaultMessages[fault]);
}
