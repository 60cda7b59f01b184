import { describeCursorStore } from "@statewave-connectors/testing";
import { describeWithService } from "@statewave-connectors/testing/servers";
import { openPostgresPullCursorStore } from "../src/index.ts";
import { ownSchema } from "./own-schema.ts";

describeWithService("postgres", "the Postgres cursor store on a real server", (url) => {
  const { schema, pool } = ownSchema(url);
  const table = "cursors";

  describeCursorStore({
    name: "postgres",
    capabilities: { clock: "server", persistent: true, shared: true, records: true },
    open: () => openPostgresPullCursorStore({ url, schema, table }),
    reset: async () => void (await pool.query(`DROP TABLE IF EXISTS ${schema}.${table}, ${schema}.${table}_records`)),
    fillScope: async (scope, keys) =>
      void (await pool.query(`INSERT INTO ${schema}.${table}_records (scope, key, value) SELECT $1, unnest($2::text[]), 'x'`, [
        scope,
        keys,
      ])),
  });
});
