import * as v from "valibot";
import { cleanText } from "../text/clean-text.ts";

const longestId = 200;
/** The end of the year 9999: a later year has five digits, which ISO 8601 writes otherwise. */
const latestEpochSeconds = 253_402_300_799;

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

/** An id that providers write as a number in one place and as text in another: always text. Numbers beyond 2^53 arrive as text, too. */
export function anyId() {
  return v.pipe(v.union([numericId(), textId()]), v.transform(String));
}

/** A time in whole seconds since 1970, as ISO 8601 in UTC. */
export function epochTime() {
  return v.pipe(
    v.number(),
    v.safeInteger(),
    v.minValue(0),
    v.maxValue(latestEpochSeconds),
    v.transform((seconds) => `${new Date(seconds * 1_000).toISOString().slice(0, 19)}Z`),
  );
}

/** A time as ISO 8601 with its offset. It stays as it is written. */
export function itemTime() {
  return v.pipe(v.string(), v.isoTimestamp());
}
