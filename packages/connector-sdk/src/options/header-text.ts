import * as v from "valibot";
import { fitsHeader } from "./fits-header.ts";

/** Why a text cannot be sent as a header. */
export const headerMessage = "holds a line break, a control character or a character outside Latin-1, which no header can carry";

/** An option that is sent as a header. Whitespace around it is dropped. */
export function headerText() {
  return v.pipe(
    v.string("expected some text"),
    v.trim(),
    v.minLength(1, "expected some text"),
    v.check(fitsHeader, headerMessage),
  );
}

/** The same for an option that may be absent; an empty one is absent. */
export function optionalHeaderText() {
  return v.pipe(
    v.optional(v.string("expected some text")),
    v.transform((text) => (text === undefined || text.trim() === "" ? undefined : text.trim())),
    v.check((text) => text === undefined || fitsHeader(text), headerMessage),
  );
}
