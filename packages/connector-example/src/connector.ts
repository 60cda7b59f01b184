import { defineConnector } from "@statewave-connectors/connector-sdk";
import { ExamplePull } from "./pull-options.ts";
import { openPull } from "./pull.ts";
import { ExamplePush } from "./push-options.ts";
import { openPush, samples } from "./receive.ts";
import { version } from "./version.ts";

/** Example: notes, as they are written, edited and deleted. */
export const connector = defineConnector({
  kind: "example",
  version,
  // #region pull
  pull: { config: ExamplePull, rights: [{ name: "notes:read", for: "reading the changes of notes" }], open: openPull },
  // #endregion
  // #region push
  push: { config: ExamplePush, open: openPush, samples },
  // #endregion
});
