import { anyId } from "@statewave-connectors/connector-sdk/items";
import { keysetState, partsCursor, toInstant } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import type { IntercomPullOptions } from "../pull-options.ts";

/** Where the reading of the conversations stands, and of which workspace they are. */
export const cursors = partsCursor({
  kind: "intercom",
  version: 1,
  partsKey: "streams",
  state: keysetState(anyId()),
  beside: { app: v.string() },
});

/** A cursor with which reading begins at an instant. */
export function seedCursor({ app_id: app }: IntercomPullOptions, since: string): string {
  return cursors.format({ states: { conversations: { since: toInstant(Date.parse(since)), seen: {} } }, beside: { app } });
}
