import { defineInbox } from "@statewave-connectors/connector-sdk/inbox";
import { isPassingAnswer } from "@statewave-connectors/postgres-client";
import { postgresInboxOptions } from "./options.ts";

/**
 * What `[runner.inbox] kind = "postgres"` opens. pg-boss and the dead letters live in a schema of their own: `<schema>_inbox`, by default
 * `statewave_inbox`.
 *
 * Throws `INBOX_UNAVAILABLE` (retryable) when the server cannot be reached; `INBOX_ACCESS_DENIED`, `INBOX_OPTION_INVALID`,
 * `INBOX_NOT_DURABLE` or `INBOX_DRIVER_MISSING` when a person has to act.
 */
export const openInbox = defineInbox({
  config: postgresInboxOptions,
  livesIn: "server",
  isPassing: isPassingAnswer,
  // Checking a file should not cost what importing pg-boss does.
  open: async (...opening) => (await import("./open-inbox.ts")).openPostgresInbox(...opening),
});
