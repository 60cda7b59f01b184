import type { Logger } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import type { Lease } from "@statewave-connectors/connector-sdk/store";
import { describeWithService } from "@statewave-connectors/testing/servers";
import { beforeEach, describe, expect, test } from "vitest";
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

  describe("on the table of an older runner", () => {
    const table = `${schema}.older`;
    /** What that runner does. */
    const older = {
      read: async (name: string) =>
        (await pool.query(`SELECT cursor FROM ${table} WHERE kind = 'github' AND name = $1`, [name])).rows[0]?.cursor as unknown,
      write: (name: string, cursor: string) =>
        pool.query(
          `INSERT INTO ${table} (kind, name, cursor, updated_at) VALUES ('github', $1, $2, now())
           ON CONFLICT (kind, name) DO UPDATE SET cursor = excluded.cursor, updated_at = excluded.updated_at`,
          [name, cursor],
        ),
    };
    const shape = async () =>
      (await pool.query(`SELECT attname, atttypid, attnotnull, xmin FROM pg_attribute WHERE attrelid = '${table}'::regclass`))
        .rows;

    beforeEach(async () => {
      await pool.query(`DROP TABLE IF EXISTS ${table}`);
      await pool.query(
        `CREATE TABLE ${table} (kind TEXT NOT NULL, name TEXT NOT NULL, cursor TEXT NOT NULL,
         updated_at TIMESTAMPTZ NOT NULL DEFAULT now(), PRIMARY KEY (kind, name))`,
      );
      await pool.query(`INSERT INTO ${table} VALUES ('github', 'main', 'from before', '2026-01-01T00:00:00Z')`);
    });

    test("keeps its cursors, and that runner can still read and write them", async () => {
      const store = await open({ table: "older" });
      expect(await store.list()).toEqual([{ source, cursor: "from before", epoch: 0, updatedAtMs: Date.UTC(2026, 0, 1) }]);
      expect(await older.read("main")).toBe("from before");
      const [answer] = await store.acquire([claim]);
      expect(answer).toMatchObject({ granted: true, lease: { epoch: 1, cursor: "from before" } });
      await store.checkpoint((answer as { lease: Lease }).lease, "moved on");
      expect(await older.read("main")).toBe("moved on");
      await older.write("main", "by the older one");
      await older.write("new", "x");
      expect(await store.get(source)).toBe("by the older one");
      expect(await store.get({ kind: "github", name: "new" })).toBe("x");
      await store.close();
    });

    test("adds what is missing once: opening again changes nothing", async () => {
      await (await open({ table: "older" })).close();
      const before = await shape();
      await (await open({ table: "older" })).close();
      expect(await shape()).toEqual(before);
    });

    test("adds what is left when an earlier start was interrupted half way", async () => {
      await pool.query(`ALTER TABLE ${table} ADD COLUMN epoch bigint NOT NULL DEFAULT 7, ADD COLUMN lease_owner text`);
      const store = await open({ table: "older" });
      expect(await store.acquire([claim])).toMatchObject([{ granted: true, lease: { epoch: 8, cursor: "from before" } }]);
      await store.close();
    });

    test("lets twenty processes open it at the same moment while the older one writes", async () => {
      const writing = Promise.all(Array.from({ length: 20 }, (_, index) => older.write(`w${index}`, `${index}`)));
      const stores = await Promise.all(Array.from({ length: 20 }, () => open({ table: "older" })));
      await writing;
      const answers = await Promise.all(stores.map((store) => store.acquire([claim])));
      expect(answers.flat().filter(({ granted }) => granted)).toHaveLength(1);
      expect(await stores[0]!.list()).toHaveLength(21);
      await Promise.all(stores.map((store) => store.close()));
    });
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

  test("warns of a server whose commits a crash may lose, and refuses it when durability is required", async () => {
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (_message, fields) => void warnings.push(String(fields?.["reason"])) };
    const options = { url: `${url}?options=-c%20synchronous_commit%3Doff`, schema, logger };
    const store = await openPostgresPullCursorStore(options);
    expect(warnings).toEqual([expect.stringContaining("synchronous_commit = off")]);
    expect(store.durability).toBe("committed in Postgres, which has synchronous_commit = off");
    await store.close();
    await expect(openPostgresPullCursorStore({ ...options, requireDurable: true })).rejects.toMatchObject({
      code: "STORE_NOT_DURABLE",
    });
  });

  test("reports `committed in Postgres` for a server with default settings", async () => {
    const store = await openPostgresPullCursorStore({ url, schema, requireDurable: true });
    expect(store.durability).toBe("committed in Postgres");
    await store.close();
  });
});
