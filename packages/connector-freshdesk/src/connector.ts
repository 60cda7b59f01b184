import { defineConnector, type Right } from "@statewave-connectors/connector-sdk";
import { seedCursor, streams } from "./pull/cursor.ts";
import { openPull } from "./pull/pull.ts";
import { FreshdeskPull, type FreshdeskPullOptions } from "./pull-options.ts";
import { FreshdeskPush, type FreshdeskPushOptions } from "./push-options.ts";
import { version } from "./version.ts";
import { openPush } from "./webhook/push.ts";
import { samples } from "./webhook/samples.ts";

const rights: readonly Right[] = [
  { name: "API key", for: "every request; the free plan has no API" },
  {
    name: "ticket scope: global access",
    for: "the tickets of all groups; another scope sees fewer tickets, without any error",
    optional: true,
  },
  { name: "conversations", for: "replies and notes, with `conversations`" },
  { name: "satisfaction ratings", for: "ratings, with `ratings`", optional: true },
  { name: "agents", for: "names of agents", optional: true },
  { name: "contacts", for: "names of people besides the requester of a ticket", optional: true },
  { name: "companies", for: "names of customers' companies", optional: true },
  { name: "ticket fields", for: "names of statuses that the account added", optional: true },
];

/** Freshdesk: tickets, replies, notes and ratings. */
export const connector = defineConnector<FreshdeskPullOptions, FreshdeskPushOptions>({
  kind: "freshdesk",
  version,
  pull: {
    config: FreshdeskPull,
    rights,
    open: openPull,
    seed: (options, { since }) => seedCursor(options, since),
    ...streams.declared,
  },
  push: { config: FreshdeskPush, open: openPush, samples },
});
