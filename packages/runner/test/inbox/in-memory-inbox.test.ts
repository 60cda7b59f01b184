import { describeInbox } from "@statewave-connectors/testing";
import { InMemoryInbox } from "../../src/inbox/in-memory-inbox.ts";

describeInbox({
  name: "InMemoryInbox",
  capabilities: { clock: "injected", persistent: false, forgetsIds: "at-window" },
  open: async ({ limits, clock }) => new InMemoryInbox({ limits, clock }),
});
