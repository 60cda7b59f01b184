import * as v from "valibot";
import { cleanText } from "../text/clean-text.ts";

const longestId = 200;

/** A name or title: cleaned, without blanks at its ends, and not empty. */
export function itemName() {
  return v.pipe(
    v.string(),
    v.transform((text) => cleanText(text).trim()),
    v.nonEmpty(),
  );
}

/** What people typed: cleaned. Null or absent, it is empty. */
export function itemText() {
  return v.pipe(v.nullish(v.string(), ""), v.transform(cleanText));
}

/** An id that is a whole number. Beyond 2^53 it arrives as text, which is refused here: accept `textId` too for a provider with such ids. */
export function numericId() {
  return v.pipe(v.number(), v.safeInteger());
}

/** An id that is a text of 1 to 200 characters. */
export function textId() {
  return v.pipe(v.string(), v.nonEmpty(), v.maxLength(longestId));
}

/** A time as ISO 8601 with its offset. It stays as it is written. */
export function itemTime() {
  return v.pipe(v.string(), v.isoTimestamp());
}
