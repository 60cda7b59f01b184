import { defineConnector } from "@statewave-connectors/connector-sdk";
import { ExamplePull, type ExamplePullOptions, ExamplePush, type ExamplePushOptions } from "./config.ts";
import { openPull } from "./pull.ts";
import { openPush } from "./push.ts";
import { version } from "./version.ts";

/** Example: notes, as they are written, edited and deleted. */
export const connector = defineConnector<ExamplePullOptions, ExamplePushOptions>({
  kind: "example",
  version,
  pull: { config: ExamplePull, open: openPull },
  push: { config: ExamplePush, open: openPush },
});
