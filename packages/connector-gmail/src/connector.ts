import { type Connector, defineConnector, type Right } from "@statewave-connectors/connector-sdk";
import { pubsubScope, readScope } from "./gmail.ts";
import { seedCursor } from "./pull/cursor.ts";
import { openPull } from "./pull/pull.ts";
import { GmailPull, type GmailPullOptions } from "./pull-options.ts";
import { EmbeddedGmailPush, GmailPush, type GmailPushOptions } from "./push-options.ts";
import { version } from "./version.ts";
import { openPush, type PushHooks } from "./webhook/push.ts";
import { samples } from "./webhook/samples.ts";

const rights: readonly Right[] = [
  {
    name: readScope,
    for: "the scope of the consent or of the delegation: messages, labels and history, and to have `topic` notified",
  },
  { name: pubsubScope, for: "the scope with which `subscription` is read", optional: true },
  { name: "roles/pubsub.subscriber", for: "the role at the subscription, with `subscription`", optional: true },
];

/** Gmail: mails that were received and sent. `hooks` are for programs that embed the receiver. */
export function gmailConnector(hooks: PushHooks = {}): Connector<GmailPullOptions, GmailPushOptions> {
  return defineConnector<GmailPullOptions, GmailPushOptions>({
    kind: "gmail",
    version,
    pull: {
      config: GmailPull,
      rights,
      subjects: "addresses",
      open: openPull,
      seed: (_options, { since }) => seedCursor(since),
    },
    push: {
      config: hooks.verifyAuth === undefined ? GmailPush : EmbeddedGmailPush,
      maxBodyBytes: 64 * 1024,
      open: (options, context) => openPush(options, context, hooks),
      samples,
    },
  });
}

/** Gmail: mails that were received and sent. */
export const connector = gmailConnector();
