import { textId } from "@statewave-connectors/connector-sdk/items";
import { entryStreams } from "@statewave-connectors/connector-sdk/options";
import { fromInstant, keysetState, partsCursor, toInstant } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import type { FreshdeskPullOptions } from "../pull-options.ts";

export type Stream = "tickets" | "ratings";

const instant = v.pipe(
  v.string(),
  v.check((text) => Number.isFinite(fromInstant(text)), "is not a time"),
);
const { seen } = keysetState(textId()).entries;

/** Where the reading of the ratings stands. */
const RatingsState = v.strictObject({
  createdSince: instant,
  seen,
  /** Within a reading: how many rows were read, and the latest rating among them. */
  offset: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  newest: v.optional(instant),
});

const TicketsState = keysetState(textId());

export type RatingsState = v.InferOutput<typeof RatingsState>;
export type TicketsState = v.InferOutput<typeof TicketsState>;
export type State = TicketsState | RatingsState;

export function isRatingsState(state: State): state is RatingsState {
  return "createdSince" in state;
}

export const cursors = partsCursor({
  kind: "freshdesk",
  version: 1,
  partsKey: "streams",
  state: v.union([RatingsState, TicketsState]),
  // The account that the cursor belongs to, where streams begin that have no state yet, and what is known of the last reading.
  beside: {
    domain: v.optional(v.string()),
    since: v.optional(instant),
    /** When the ratings were last read to their end. */
    ratingsReadAt: v.optional(instant),
    /** The last run left the ratings to the next one. */
    ratingsWait: v.optional(v.boolean()),
  },
});

export type Position = ReturnType<(typeof cursors)["parse"]>;

/** The parts that an entry reads separately. Conversations are read with their tickets. */
export const streams = entryStreams<FreshdeskPullOptions, Stream>({
  kind: "freshdesk",
  of: ({ ratings }) => (ratings ? ["tickets", "ratings"] : ["tickets"]),
  reset: cursors.resetPart,
});

/** A cursor with which everything is read that changed from an instant on. */
export function seedCursor({ domain }: Pick<FreshdeskPullOptions, "domain">, since: string): string {
  return cursors.format({ states: {}, beside: { domain, since: toInstant(Date.parse(since)) } });
}
