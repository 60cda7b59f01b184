import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { describeInbox } from "@statewave-connectors/testing";
import { describeWithService } from "@statewave-connectors/testing/servers";
import { openInbox } from "../src/index.ts";
import { ownSchemas } from "./own-schema.ts";

describeWithService("postgres", "the Postgres inbox on a real server", (url) => {
  const { nameOf } = ownSchemas(url);

  describeInbox({
    name: "inbox-postgres",
    capabilities: { clock: "server", persistent: true, shared: true, forgetsIds: "later" },
    open: ({ storeName, limits, clock }) =>
      openInbox({ url, schema: nameOf(storeName) }, limits, { clock, logger: silentLogger, baseDir: "/", stateDir: "/" }),
  });
});
