import { defineConnector, packageVersion } from "@statewave-connectors/connector-sdk";
import { ExamplePull, type ExamplePullOptions, ExamplePush, type ExamplePushOptions } from "./config.ts";
import { openPull } from "./pull.ts";
import { openPush } from "./push.ts";

/** Example: notes, as they are written, edited and deleted. */
export const connector = defineConnector<ExamplePullOptions, ExamplePushOptions>({
  kind: "example",
  version: packageVersion(import.meta.url),
  pull: { config: ExamplePull, open: openPull },
  push: { config: ExamplePush, open: openPush },
});
