import { defineConnector } from "@statewave-connectors/connector-sdk";
import { ExamplePull, type ExamplePullOptions } from "./pull-options.ts";
import { openPull } from "./pull.ts";
import { ExamplePush, type ExamplePushOptions } from "./push-options.ts";
import { openPush } from "./receive.ts";
import { version } from "./version.ts";

/** Example: notes, as they are written, edited and deleted. */
export const connector = defineConnector<ExamplePullOptions, ExamplePushOptions>({
  kind: "example",
  version,
  pull: { config: ExamplePull, rights: [{ name: "notes:read", for: "reading the changes of notes" }], open: openPull },
  push: { config: ExamplePush, open: openPush },
});
