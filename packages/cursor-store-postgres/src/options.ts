import { postgresName, postgresRequireDurable, postgresUrl } from "@statewave-connectors/postgres-client";
import * as v from "valibot";

/** What `[runner.state] kind = "postgres"` takes. */
export const postgresStoreOptions = v.strictObject({
  url: postgresUrl,
  table: v.pipe(v.optional(postgresName(), "statewave_runner_cursors"), v.description("The table of the cursors and leases.")),
  schema: v.pipe(
    v.optional(postgresName()),
    v.description("Its schema. Default: where the server's `search_path` leads. The inbox is in `<schema>_inbox`."),
  ),
  require_durable: postgresRequireDurable,
});
