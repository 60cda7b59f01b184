import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { openPostgres } from "@statewave-connectors/postgres-client";
import { describeWithService } from "@statewave-connectors/testing/servers";
import { expect, test } from "vitest";
import { claimAtOnce, placeOn } from "./claiming.ts";

describeWithService("postgres", "the place of a trial in Postgres", (url) => {
  test("is taken by one of two trials that begin at the same moment, and is gone when it was cleared", async ({
    onTestFinished,
  }) => {
    const place = await placeOn("postgres", { url });
    onTestFinished(() => place.clear());
    expect(await claimAtOnce(place, 2)).toEqual(["claimed", "the schema statewave_chaos is not empty: it holds the table trial"]);
    await place.clear();
    const own = { area: "STORE", server: url, maxConnections: 1, timeoutMs: 30_000, logger: silentLogger } as const;
    const postgres = await openPostgres(own);
    onTestFinished(() => postgres.close());
    expect(await postgres.query("SELECT FROM pg_namespace WHERE nspname LIKE 'statewave\\_chaos%'")).toEqual([]);

    // A role without the right to make schemas has it made for it.
    await postgres.query("CREATE SCHEMA statewave_chaos");
    expect(await claimAtOnce(place, 2)).toEqual(["claimed", "the schema statewave_chaos is not empty: it holds the table trial"]);
  });
});
