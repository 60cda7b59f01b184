import { defineConnector } from "@statewave-connectors/connector-sdk";
import { SlackPush, type SlackPushOptions } from "./config.ts";
import { openPush } from "./push.ts";
import { version } from "./version.ts";

/** Slack: messages, threads, edits, deletions, reactions and pins that the Events API pushes. */
export const connector = defineConnector<never, SlackPushOptions>({
  kind: "slack",
  version,
  push: { config: SlackPush, open: openPush },
});
