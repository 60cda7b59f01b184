import { ConnectorsError, type OpenCursorStore } from "@statewave-connectors/connector-sdk";
import { openPostgresPullCursorStore } from "./postgres-cursor-store.ts";

/** What `[runner.state] kind = "postgres"` opens. Options `url`, `table`, `schema`, `require_durable`. */
export const openCursorStore: OpenCursorStore = async (options, { logger }) => {
  return openPostgresPullCursorStore({
    url: text(options, "url"),
    table: text(options, "table"),
    schema: text(options, "schema"),
    requireDurable: options["require_durable"] === true,
    logger,
  });
};

function text(options: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = options[key];
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw new ConnectorsError({
    code: "STORE_OPTION_INVALID",
    message: `[runner.state] ${key} must be some text.`,
    hint: key === "url" ? 'For example "postgres://user:password@host:5432/database".' : "Leave it out to use the default.",
  });
}
