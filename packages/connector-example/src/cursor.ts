import { cursorCodec } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";

/** Everything up to the change with the number `after` is safe. */
export const cursorText = cursorCodec({
  kind: "example",
  version: 1,
  schema: v.strictObject({ v: v.literal(1), after: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
});
