import { defineInbox } from "@statewave-connectors/connector-sdk/inbox";
import { isPassingAnswer, loadDriver } from "@statewave-connectors/redis-client";
import { redisInboxOptions } from "./options.ts";

/**
 * What `[runner.inbox] kind = "redis"` opens, for any number of processes. Throws `INBOX_UNAVAILABLE` when the server cannot be reached,
 * `INBOX_ACCESS_DENIED`, `INBOX_NOT_DURABLE`, `INBOX_DRIVER_MISSING`, `INBOX_OPTION_INVALID`.
 */
export const openInbox = defineInbox({
  config: redisInboxOptions,
  livesIn: "server",
  isPassing: isPassingAnswer,
  async open(...opening) {
    // BullMQ imports the driver, too, and does not say how to install it.
    await loadDriver("INBOX");
    // Checking a file should not cost what importing BullMQ does.
    return (await import("./open-inbox.ts")).openRedisInbox(...opening);
  },
});
