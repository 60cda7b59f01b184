import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { describeWithService } from "@statewave-connectors/testing/servers";
import { expect, test } from "vitest";
import { openCursorStore } from "../src/index.ts";
import { ownSchema } from "./own-schema.ts";

const context = { clock: systemClock, logger: silentLogger, baseDir: "/", stateDir: "/" };

describeWithService("postgres", "looking at a table of cursors", (url) => {
  const { schema, pool } = ownSchema(url);
  const survey = (table: string, at = url) => openCursorStore.survey?.({ url: at, schema, table }, context);
  const earlierTable = (table: string) =>
    pool.query(`CREATE TABLE ${schema}.${table} (kind text NOT NULL, name text NOT NULL, cursor text NOT NULL,
      updated_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (kind, name))`);

  test("finds the cursors of the earlier runner with their times, and adds nothing to the table", async () => {
    await earlierTable("found");
    await pool.query(`INSERT INTO ${schema}.found VALUES ('gmail', 'founder', '123', '2026-02-03T04:05:06.789Z')`);
    await pool.query(`INSERT INTO ${schema}.found VALUES ('zendesk', 'support', $1, '2026-02-03T00:00:00Z')`, [
      "x".repeat(9_000_000),
    ]);
    expect(await survey("found")).toEqual({
      place: expect.stringMatching(/^postgres [\d.]+\/\d+\/\d+$/),
      format: "earlier",
      sources: [
        { source: { kind: "gmail", name: "founder" }, bytes: 3, updatedAtMs: Date.parse("2026-02-03T04:05:06.789Z") },
        { source: { kind: "zendesk", name: "support" }, bytes: 9_000_000, updatedAtMs: Date.parse("2026-02-03T00:00:00Z") },
      ],
      strangers: [],
    });
    const { rows } = await pool.query(
      `SELECT attname FROM pg_attribute WHERE attrelid = '${schema}.found'::regclass AND attnum > 0 ORDER BY attnum`,
    );
    expect(rows.map(({ attname }) => attname)).toEqual(["kind", "name", "cursor", "updated_at"]);
  });

  test("needs no right but to read", async () => {
    await earlierTable("readable");
    const role = `${schema}_reader`;
    await pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'reader'`);
    await pool.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
    await pool.query(`GRANT SELECT ON ${schema}.readable TO ${role}`);
    const reader = Object.assign(new URL(url), { username: role, password: "reader" }).href;
    expect(await survey("readable", reader)).toMatchObject({ format: "earlier", sources: [] });
    await pool.query(`DROP OWNED BY ${role}`);
    await pool.query(`DROP ROLE ${role}`);
  });

  test("is at the same place by another name of the server, and at another one in another table", async () => {
    await earlierTable("one");
    await earlierTable("other");
    const { hostname } = new URL(url);
    const renamed = hostname === "localhost" ? url.replace("localhost", "127.0.0.1") : url.replace(hostname, "localhost");
    const [one, again, other] = await Promise.all([survey("one"), survey("one", renamed), survey("other")]);
    expect(again?.place).toBe(one?.place);
    expect(other?.place).not.toBe(one?.place);
  });

  test("knows a table of its own, one that is not there, and one that is no table of cursors", async () => {
    const store = await openCursorStore({ url, schema, table: "own" }, context);
    await store.close();
    expect(await survey("own")).toMatchObject({ format: "current" });
    expect(await survey("missing")).toEqual({ sources: [] });
    await pool.query(`CREATE TABLE ${schema}.customers (id int, name text)`);
    await expect(survey("customers")).rejects.toMatchObject({ code: "STORE_TABLE_UNUSABLE" });
  });

  test("a wrong password is refused without showing it", async () => {
    const wrong = Object.assign(new URL(url), { username: "nobody_here", password: "hidden-password" }).href;
    const error: unknown = await survey("found", wrong)?.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: expect.stringMatching(/^STORE_(ACCESS_DENIED|UNAVAILABLE)$/) });
    expect(String(error)).not.toContain("hidden-password");
  });
});
