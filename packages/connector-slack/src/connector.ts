import { defineConnector, type Right } from "@statewave-connectors/connector-sdk";
import { openPull } from "./pull/pull.ts";
import { seedCursor, streams } from "./pull/start-points.ts";
import { SlackPull, type SlackPullOptions } from "./pull-options.ts";
import { SlackPush, type SlackPushOptions } from "./push-options.ts";
import { version } from "./version.ts";
import { openPush } from "./webhook/push.ts";
import { samples } from "./webhook/samples.ts";

const names: Right = { name: "users:read", for: "names of people instead of their ids", optional: true };

const groups: Right = { name: "usergroups:read", for: "names of groups of users instead of their ids", optional: true };

const pullRights: readonly Right[] = [
  { name: "channels:history", for: "messages of public channels", optional: true },
  { name: "channels:read", for: "finding public channels", optional: true },
  { name: "groups:history", for: "messages of private channels", optional: true },
  { name: "groups:read", for: "finding private channels", optional: true },
  { name: "im:history", for: "messages of DMs, with `include_dms`", optional: true },
  { name: "im:read", for: "finding DMs, with `include_dms`", optional: true },
  { name: "mpim:history", for: "messages of group DMs, with `include_mpim`", optional: true },
  { name: "mpim:read", for: "finding group DMs, with `include_mpim`", optional: true },
  names,
  groups,
];

const pushRights: readonly Right[] = [
  {
    name: "channels:history",
    for: "the event `message.channels`: messages of public channels, and what a reply or a reaction is about",
    optional: true,
  },
  { name: "groups:history", for: "the event `message.groups`: the same of private channels", optional: true },
  { name: "im:history", for: "the event `message.im`: DMs, with `include_dms`", optional: true },
  { name: "mpim:history", for: "the event `message.mpim`: group DMs, with `include_mpim`", optional: true },
  { name: "reactions:read", for: "the events `reaction_added` and `reaction_removed`", optional: true },
  { name: "pins:read", for: "the events `pin_added` and `pin_removed`", optional: true },
  { name: "channels:read", for: "names of public channels", optional: true },
  { name: "groups:read", for: "names of private channels", optional: true },
  { name: "im:read", for: "whom a DM is with", optional: true },
  { name: "mpim:read", for: "recognising group DMs", optional: true },
  names,
  groups,
];

/** Slack: what the Events API pushes, and the history that fills what it missed. */
export const connector = defineConnector<SlackPullOptions, SlackPushOptions>({
  kind: "slack",
  version,
  pull: {
    config: SlackPull,
    rights: pullRights,
    open: openPull,
    seed: (_, { since }) => seedCursor(since),
    ...streams.declared,
  },
  push: { config: SlackPush, rights: pushRights, open: openPush, samples },
});
