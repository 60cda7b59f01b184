import { describeCursorStore, describeWithService } from "@statewave-connectors/testing";
import { openPostgresPullCursorStore } from "../src/index.ts";
import { ownSchema } from "./own-schema.ts";

describeWithService("postgres", "the Postgres cursor store on a real server", (url) => {
  const { schema, pool } = ownSchema(url);
  const table = "cursors";

  describeCursorStore({
    name: "postgres",
    capabilities: { clock: "server", persistent: true, shared: true },
    open: () => openPostgresPullCursorStore({ url, schema, table }),
    reset: async () => void (await pool.query(`DROP TABLE IF EXISTS ${schema}.${table}`)),
  });
});
