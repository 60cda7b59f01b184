import { postgresName, postgresRequireDurable, postgresUrl } from "@statewave-connectors/postgres-client";
import * as v from "valibot";

/** The schema's own name is longer by `_inbox`. */
const longestSchemaBytes = 57;

/** What `[runner.inbox] kind = "postgres"` takes. */
export const postgresInboxOptions = v.strictObject({
  url: postgresUrl,
  schema: v.pipe(
    v.optional(postgresName(longestSchemaBytes), "statewave"),
    v.description("The tables lie in a schema of their own, `<schema>_inbox`."),
  ),
  require_durable: postgresRequireDurable,
});

export type PostgresInboxOptions = v.InferOutput<typeof postgresInboxOptions>;
