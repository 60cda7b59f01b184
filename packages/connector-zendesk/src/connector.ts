import { defineConnector, type Right } from "@statewave-connectors/connector-sdk";
import { seedCursor, streams } from "./pull/cursor.ts";
import { openPull } from "./pull/pull.ts";
import { ZendeskPull, type ZendeskPullOptions } from "./pull-options.ts";
import { ZendeskPush, type ZendeskPushOptions } from "./push-options.ts";
import { version } from "./version.ts";
import { openPush } from "./webhook/push.ts";
import { samples } from "./webhook/samples.ts";

const scope: Right = { name: "read", for: "the scope of the OAuth client or token: tickets, people, organizations and brands" };

const pullRights: readonly Right[] = [
  scope,
  { name: "admin", for: "the role of the user who created the client or token: Zendesk gives the exports to admins only" },
];

const pushRights: readonly Right[] = [
  { ...scope, for: "names, and the tickets that webhooks of triggers speak of; events need no credentials", optional: true },
];

/** Zendesk: tickets with their comments, and how they end. */
export const connector = defineConnector<ZendeskPullOptions, ZendeskPushOptions>({
  kind: "zendesk",
  version,
  pull: {
    config: ZendeskPull,
    rights: pullRights,
    open: openPull,
    seed: (options, { since }) => seedCursor(options, since),
    ...streams.declared,
  },
  push: { config: ZendeskPush, rights: pushRights, open: openPush, samples },
});
