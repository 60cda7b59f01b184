import { describeWithService } from "@statewave-connectors/testing";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPostgresPullCursorStore } from "../src/index.ts";
import { ownSchema } from "./own-schema.ts";

const source = { kind: "github", name: "main" };
const claim = { source, owner: "me", ttlMs: 60_000 };

describeWithService("postgres", "opening the Postgres cursor store", (url) => {
  const { schema, pool } = ownSchema(url);
  const open = (options: { table?: string; schema?: string; url?: string } = {}) =>
    openPostgresPullCursorStore({ url, schema, ...options });

  test("makes its table, under the name of the reference, and its schema", async () => {
    const fresh = `${schema}_fresh`;
    const store = await open({ schema: fresh });
    await store.set(source, "here");
    const { rows } = await pool.query(`SELECT kind, name, cursor FROM ${fresh}.statewave_runner_cursors`);
    expect(rows).toEqual([{ ...source, cursor: "here" }]);
    await store.close();
    await pool.query(`DROP SCHEMA ${fresh} CASCADE`);
  });

  test("opens at the same moment in twenty processes that all find no table", async () => {
    const stores = await Promise.all(Array.from({ length: 20 }, () => open({ table: "at_once", schema: `${schema}_at_once` })));
    const [first, ...others] = stores;
    await first!.set(source, "here");
    for (const other of others) expect(await other.get(source)).toBe("here");
    await Promise.all(stores.map((store) => store.close()));
    await pool.query(`DROP SCHEMA ${schema}_at_once CASCADE`);
  });

  test("takes over the table of an older runner: its cursors stay, and it can still write them", async () => {
    const table = `${schema}.older`;
    await pool.query(
      `CREATE TABLE ${table} (kind TEXT NOT NULL, name TEXT NOT NULL, cursor TEXT NOT NULL,
       updated_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (kind, name))`,
    );
    await pool.query(`INSERT INTO ${table} VALUES ('github', 'main', 'from before', '2026-01-01T00:00:00Z')`);
    const store = await open({ table: "older" });
    expect(await store.list()).toEqual([{ source, cursor: "from before", epoch: 0, updatedAtMs: Date.UTC(2026, 0, 1) }]);
    expect(await store.acquire([claim])).toMatchObject([{ granted: true, lease: { epoch: 1, cursor: "from before" } }]);
    await pool.query(
      `INSERT INTO ${table} (kind, name, cursor, updated_at) VALUES ('slack', 'team', 'x', now())
       ON CONFLICT (kind, name) DO UPDATE SET cursor = excluded.cursor, updated_at = excluded.updated_at`,
    );
    expect(await store.get({ kind: "slack", name: "team" })).toBe("x");
    await store.close();
  });

  test("refuses a table that holds something else, and leaves it as it is", async () => {
    await pool.query(`CREATE TABLE ${schema}.orders (id int, kind text, updated_at timestamptz)`);
    await expect(open({ table: "orders" })).rejects.toMatchObject({
      code: "STORE_TABLE_UNUSABLE",
      message: expect.stringContaining("name, cursor"),
    });
    const { rows } = await pool.query(
      `SELECT * FROM information_schema.columns WHERE table_schema = $1 AND table_name = 'orders'`,
      [schema],
    );
    expect(rows).toHaveLength(3);
  });

  test("refuses a table without a key on kind and name", async () => {
    await pool.query(`CREATE TABLE ${schema}.keyless (kind text, name text, cursor text, updated_at timestamptz)`);
    await expect(open({ table: "keyless" })).rejects.toMatchObject({ code: "STORE_QUERY_FAILED" });
  });

  test.each(["", "a b", 'a"b', "a.b", "1a", "x".repeat(64), "ü", "a;--"])(
    "refuses %j as the name of a table or schema",
    async (name) => {
      await expect(open({ table: name })).rejects.toMatchObject({ code: "STORE_OPTION_INVALID" });
      await expect(open({ schema: name })).rejects.toMatchObject({ code: "STORE_OPTION_INVALID" });
    },
  );

  test("takes names with capitals, reserved words and dashes as they are", async () => {
    const store = await open({ table: "Select-User" });
    await store.set(source, "here");
    expect((await pool.query(`SELECT cursor FROM ${schema}."Select-User"`)).rows).toEqual([{ cursor: "here" }]);
    await store.close();
  });

  test("uses a pool it is given and leaves it open", async () => {
    const store = await openPostgresPullCursorStore({ pool, schema });
    await store.set(source, "here");
    await store.close();
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });

  describe("with few rights", () => {
    const role = `${schema}_role`;
    const limited = new URL(url);
    limited.username = role;
    limited.password = "limited";
    const settings = new Pool({ connectionString: url, max: 1 });
    beforeAll(async () => {
      await settings.query(`CREATE ROLE ${role} LOGIN PASSWORD 'limited'`);
      await settings.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
    });
    afterAll(async () => {
      await settings.query(`DROP OWNED BY ${role}`);
      await settings.query(`DROP ROLE ${role}`);
      await settings.end();
    });

    test("says which statements the owner has to run when it may not make its table", async () => {
      await expect(open({ url: limited.href, table: "not_there" })).rejects.toMatchObject({
        code: "STORE_ACCESS_DENIED",
        hint: expect.stringContaining(`CREATE TABLE IF NOT EXISTS "${schema}"."not_there"`),
      });
    });

    test("needs no more than USAGE on the schema and SELECT, INSERT, UPDATE on a table that is there", async () => {
      await (await open({ table: "granted" })).close();
      await settings.query(`GRANT SELECT, INSERT, UPDATE ON ${schema}.granted TO ${role}`);
      const store = await open({ url: limited.href, table: "granted" });
      const [answer] = await store.acquire([{ ...claim, dueMs: 1 }]);
      const lease = answer?.granted === true ? answer.lease : undefined;
      expect(await store.renew([lease!], 60_000)).toEqual([true]);
      expect(await store.checkpoint(lease!, "here")).toBe(true);
      expect(await store.release(lease!, { type: "done" })).toBe(true);
      await store.set(source, "there");
      expect(await store.delete(source)).toBe(true);
      expect(await store.list()).toHaveLength(1);
      await store.close();
    });

    test("shows at the start, not at the first tick, that it may not write", async () => {
      await (await open({ table: "read_only" })).close();
      await settings.query(`GRANT SELECT ON ${schema}.read_only TO ${role}`);
      await expect(open({ url: limited.href, table: "read_only" })).rejects.toMatchObject({ code: "STORE_ACCESS_DENIED" });
    });

    test("warns of a server whose commits a crash may lose, and refuses it when durability is required", async () => {
      await settings.query(`ALTER ROLE ${role} SET synchronous_commit = off`);
      await (await open({ table: "undurable" })).close();
      await settings.query(`GRANT SELECT, INSERT, UPDATE ON ${schema}.undurable TO ${role}`);
      const warnings: string[] = [];
      const logger = {
        debug: () => {},
        info: () => {},
        error: () => {},
        warn: (line: string) => void warnings.push(line),
        child: () => logger,
      };
      const options = { url: limited.href, schema, table: "undurable", logger };
      const store = await openPostgresPullCursorStore(options);
      expect(warnings).toEqual([expect.stringContaining("synchronous_commit = off")]);
      expect(store.durability).toBe("committed in Postgres, which has synchronous_commit = off");
      await store.close();
      await expect(openPostgresPullCursorStore({ ...options, requireDurable: true })).rejects.toMatchObject({
        code: "STORE_NOT_DURABLE",
      });
      await settings.query(`ALTER ROLE ${role} RESET synchronous_commit`);
    });
  });

  test("says committed in Postgres of a server with its usual settings", async () => {
    const store = await openPostgresPullCursorStore({ url, schema, requireDurable: true });
    expect(store.durability).toBe("committed in Postgres");
    await store.close();
  });
});
