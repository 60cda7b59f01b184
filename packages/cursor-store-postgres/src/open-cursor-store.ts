import { defineCursorStore } from "@statewave-connectors/connector-sdk/store";
import { isPassingAnswer } from "@statewave-connectors/postgres-client";
import { postgresStoreOptions } from "./options.ts";
import { openPostgresPullCursorStore } from "./postgres-cursor-store.ts";
import { surveyCursorTable } from "./survey-cursor-table.ts";

/** What `[runner.state] kind = "postgres"` opens. */
export const openCursorStore = defineCursorStore({
  config: postgresStoreOptions,
  livesIn: "server",
  isPassing: isPassingAnswer,
  open: ({ url, table, schema, require_durable: requireDurable }, { logger }) =>
    openPostgresPullCursorStore({ url, table, schema, requireDurable, logger }),
  survey: ({ url, table, schema }, { logger }) => surveyCursorTable({ url, table, schema, logger }),
});
