import { textId } from "@statewave-connectors/connector-sdk/items";
import { entryStreams } from "@statewave-connectors/connector-sdk/options";
import { keysetState, type KeysetState, partsCursor, toInstant } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import type { ZendeskPullOptions } from "../pull-options.ts";
import { goneTicketsSchema } from "./gone-tickets.ts";

/** `tickets` brings ratings and merges, and what the other needs to know of tickets and people; `events` brings everything else. */
export const streamNames = ["tickets", "events"] as const;
export type StreamName = (typeof streamNames)[number];

const ticketsState = v.strictObject({
  /** Zendesk's; absent: the list begins at `since`. */
  cursor: v.optional(v.string()),
  /** Epoch seconds: where to begin again when Zendesk has forgotten the cursor. */
  since: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  gone: v.optional(goneTicketsSchema),
});

export type TicketsState = v.InferOutput<typeof ticketsState>;
export type EventsState = KeysetState<string>;
export type StreamState = TicketsState | EventsState;

export const cursors = partsCursor({
  kind: "zendesk",
  version: 1,
  state: v.union([ticketsState, keysetState(textId())]),
  partsKey: "streams",
  beside: { subdomain: v.string() },
  clampTimes: ({ states, ...position }, clamp) => ({
    ...position,
    states: Object.fromEntries(
      Object.entries(states).map(([stream, state]) => [
        stream,
        isTicketsState(state) ? { ...state, since: Math.floor((clamp.ms(state.since * 1_000) ?? 0) / 1_000) } : state,
      ]),
    ),
  }),
});

export const streams = entryStreams<ZendeskPullOptions, StreamName>({
  kind: "zendesk",
  of: () => streamNames,
  reset: cursors.resetPart,
});

export function isTicketsState(state: StreamState | undefined): state is TicketsState {
  return typeof state?.since === "number";
}

/** The states of streams that begin at a time. */
export function statesSince(sinceMs: number): Readonly<Record<StreamName, StreamState>> {
  return {
    tickets: { since: Math.max(0, Math.floor(sinceMs / 1_000)) },
    events: { since: toInstant(Math.max(0, sinceMs)), seen: {} },
  };
}

/** A cursor with which both streams begin at an instant. */
export function seedCursor({ subdomain }: ZendeskPullOptions, since: string): string {
  return cursors.format({ states: statesSince(Date.parse(since)), beside: { subdomain } });
}
