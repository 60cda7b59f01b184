import { describeCursorStore } from "@statewave-connectors/testing";
import { describeWithService, hasPgBouncer, type PgBouncer, startPgBouncer } from "@statewave-connectors/testing/servers";
import { afterAll, beforeAll, describe } from "vitest";
import { openPostgresPullCursorStore } from "../src/index.ts";
import { ownSchema } from "./own-schema.ts";

describeWithService("postgres", "the Postgres cursor store behind a pooler", (url) => {
  describe.skipIf(!hasPgBouncer())("in transaction mode", () => {
    const { schema, pool } = ownSchema(url);
    let pooler: PgBouncer;
    beforeAll(async () => void (pooler = await startPgBouncer(url)));
    afterAll(() => pooler.stop());

    describeCursorStore({
      name: "postgres behind PgBouncer",
      capabilities: { clock: "server", persistent: true, shared: true, records: true },
      open: () => openPostgresPullCursorStore({ url: pooler.url, schema, table: "pooled" }),
      reset: async () => void (await pool.query(`DROP TABLE IF EXISTS ${schema}.pooled, ${schema}.pooled_records`)),
      fillScope: async (scope, keys) =>
        void (await pool.query(`INSERT INTO ${schema}.pooled_records (scope, key, value) SELECT $1, unnest($2::text[]), 'x'`, [
          scope,
          keys,
        ])),
    });
  });
});
