import * as v from "valibot";
import { parseSinceDefault, sinceDefaultMessage } from "./since-default.ts";

/** The option `since_default`: a date, or an age such as `"90d"`. {@link firstSyncSinceMs} makes a moment of what the connector gets. */
export function sinceDefault() {
  return v.pipe(
    v.union([v.date(), v.string()], sinceDefaultMessage),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const since = parseSinceDefault(dataset.value);
      if (since !== undefined) return since;
      addIssue({ message: sinceDefaultMessage });
      return NEVER;
    }),
    v.metadata({ type: "date or age" }),
  );
}
