import { textId } from "@statewave-connectors/connector-sdk/items";
import * as v from "valibot";

/** The end of the year 9999: later times have five digits, which ISO 8601 writes otherwise. */
export const latestMs = 253_402_300_799_999;

const epochMs = v.pipe(
  v.union([v.string(), v.number()]),
  v.transform(Number),
  v.safeInteger(),
  v.minValue(0),
  v.maxValue(latestMs),
);
/** A message as Gmail returns it with `format=full`, as far as it is mapped. */
export const MailMessage = v.looseObject({
  id: textId(),
  threadId: textId(),
  labelIds: v.optional(v.array(v.string()), []),
  snippet: v.optional(v.string(), ""),
  internalDate: epochMs,
  payload: v.looseObject({}),
});
export type MailMessage = v.InferOutput<typeof MailMessage>;
