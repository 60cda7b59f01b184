import { defineConnector } from "@statewave-connectors/connector-sdk";
import { SlackPush, type SlackPushOptions } from "./config.ts";
import { SlackPull, type SlackPullOptions } from "./pull-config.ts";
import { openPull } from "./pull.ts";
import { openPush } from "./push.ts";
import { version } from "./version.ts";

/** Slack: what the Events API pushes, and the history that fills what it missed. */
export const connector = defineConnector<SlackPullOptions, SlackPushOptions>({
  kind: "slack",
  version,
  pull: { config: SlackPull, open: openPull },
  push: { config: SlackPush, open: openPush },
});
