import { describeInbox } from "@statewave-connectors/testing";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { openInbox } from "../src/index.ts";

describeInbox({
  name: "the memory inbox",
  capabilities: { clock: "injected", persistent: false, forgetsIds: "at-window" },
  open: ({ limits, clock }) => openInbox({}, limits, { clock, logger: silentLogger, baseDir: "/", stateDir: "/" }),
});
