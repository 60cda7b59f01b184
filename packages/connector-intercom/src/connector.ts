import { defineConnector, type Right } from "@statewave-connectors/connector-sdk";
import { seedCursor } from "./pull/cursor.ts";
import { openPull } from "./pull/pull.ts";
import { IntercomPull } from "./pull-options.ts";
import { IntercomPush } from "./push-options.ts";
import { version } from "./version.ts";
import { openPush } from "./webhook/push.ts";
import { samples } from "./webhook/samples.ts";

const names: Right = {
  name: "Read one user and one company",
  for: "the name of a customer to whom a teammate wrote first",
  optional: true,
};

const identity: Right = {
  name: "Read admins",
  for: "comparing the workspace of the token with `app_id`",
  optional: true,
};

/** Intercom: conversations, from the search of the API and from webhooks. */
export const connector = defineConnector({
  kind: "intercom",
  version,
  pull: {
    config: IntercomPull,
    rights: [{ name: "Read conversations", for: "searching and reading conversations" }, identity, names],
    open: openPull,
    seed: (config, { since }) => seedCursor(config, since),
  },
  push: {
    config: IntercomPush,
    rights: [
      { name: "Read conversations", for: "the topics `conversation.*` and `conversation_part.redacted`" },
      identity,
      names,
    ],
    open: openPush,
    samples,
  },
});
