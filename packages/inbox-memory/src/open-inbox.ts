import { defineInbox } from "@statewave-connectors/connector-sdk/inbox";
import { InMemoryInbox } from "./in-memory-inbox.ts";
import { memoryInboxOptions } from "./options.ts";

/** What `[runner.inbox] kind = "memory"` opens. */
export const openInbox = defineInbox({
  config: memoryInboxOptions,
  livesIn: "process",
  open: async (_, limits, { clock, logger }) => new InMemoryInbox({ limits, clock, logger }),
});
