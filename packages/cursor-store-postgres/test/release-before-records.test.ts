import { describeWithService } from "@statewave-connectors/testing/servers";
import { beforeEach, expect, test } from "vitest";
import { openPostgresPullCursorStore } from "../src/index.ts";
import { createCursorsTable, statementsOn } from "./fixtures/release-before-records.ts";
import { ownSchema } from "./own-schema.ts";

const [main, team] = [
  { kind: "github", name: "main" },
  { kind: "slack", name: "team" },
];

describeWithService("postgres", "the Postgres cursor store and the release before records", (url) => {
  const { schema, pool } = ownSchema(url);
  const table = `${schema}.cursors`;
  const sql = statementsOn(table);
  const open = () => openPostgresPullCursorStore({ url, schema, table: "cursors" });

  /** What a process of that release does. */
  const old = {
    acquire: async ({ kind, name }: typeof main, dueMs: number, ttlMs = 60_000) =>
      (await pool.query(sql.acquire, [[kind], [name], [dueMs], ["old"], [ttlMs], null])).rows[0] as Record<string, unknown>,
    checkpoint: async ({ kind, name }: typeof main, epoch: unknown, cursor: string) =>
      (await pool.query(sql.checkpoint, [kind, name, epoch, cursor])).rows.length,
    finish: async ({ kind, name }: typeof main, epoch: unknown) =>
      (await pool.query(sql.finish, [kind, name, epoch])).rows.length,
    list: async () => (await pool.query(sql.list)).rows as Record<string, unknown>[],
  };
  const shape = async () =>
    (await pool.query(`SELECT attname, atttypid, attnotnull, xmin FROM pg_attribute WHERE attrelid = '${table}'::regclass`)).rows;

  beforeEach(async () => {
    await pool.query(`DROP TABLE IF EXISTS ${table}, ${table}_records`);
    await pool.query(createCursorsTable(table));
  });

  test("reads the cursors, dues and leases of its table, and does not change its columns", async () => {
    const done = await old.acquire(main, 1_000);
    await old.checkpoint(main, done["epoch"], "page-1");
    await old.finish(main, done["epoch"]);
    await old.acquire(team, 2_000);
    const before = await shape();
    const store = await open();
    expect(await shape()).toEqual(before);
    expect(await store.list()).toMatchObject([
      { source: main, cursor: "page-1", epoch: 1, finishedDueMs: 1_000 },
      { source: team, openDueMs: 2_000, lease: { owner: "old" } },
    ]);
    const claims = [main, team].map((source) => ({ source, dueMs: 1_000, owner: "new", ttlMs: 60_000 }));
    expect(await store.acquire(claims)).toMatchObject([{ reason: "finished" }, { reason: "busy" }]);
    await store.close();
  });

  test("works beside it: it sees no record, and both respect each other's leases", async () => {
    const store = await open();
    const write = { scope: "github", key: "main", value: "a record", expectedVersion: 0 };
    expect(await store.records!.compareAndSet(write)).toMatchObject({ stored: true });
    expect(await old.list()).toEqual([]);
    const held = await old.acquire(main, 1_000);
    expect(await store.acquire([{ source: main, dueMs: 1_000, owner: "new", ttlMs: 60_000 }])).toMatchObject([
      { reason: "busy" },
    ]);
    const [granted] = await store.acquire([{ source: team, dueMs: 1_000, owner: "new", ttlMs: 60_000 }]);
    expect(granted).toMatchObject({ granted: true });
    expect(await old.acquire(team, 1_000)).toMatchObject({ answer: "busy", epoch: null });
    expect(await old.checkpoint(main, held["epoch"], "by the old one")).toBe(1);
    expect(await old.finish(main, held["epoch"])).toBe(1);
    expect(await store.get(main)).toBe("by the old one");
    expect((await old.list()).map(({ kind, name }) => `${String(kind)}/${String(name)}`)).toEqual(["github/main", "slack/team"]);
    await store.close();
  });

  test("leaves its table as it was: going back needs no step, and coming back finds the records", async () => {
    const before = await shape();
    const first = await open();
    await first.records!.compareAndSet({ scope: "sink", key: "main", value: "here", expectedVersion: 0 });
    await first.close();
    expect(await shape()).toEqual(before);
    const held = await old.acquire(main, 1_000);
    expect(await old.checkpoint(main, held["epoch"], "by the old one")).toBe(1);
    await old.finish(main, held["epoch"]);
    const again = await open();
    expect(await again.records!.get("sink", "main")).toMatchObject({ value: "here" });
    expect(await again.list()).toMatchObject([{ source: main, cursor: "by the old one", finishedDueMs: 1_000 }]);
    await again.close();
  });

  test("keeps the records of tables with the longest names apart from the cursors, and from each other", async () => {
    const names = ["a", "b"].map((letter) => `${"x".repeat(62)}${letter}`);
    for (const name of names) {
      const store = await openPostgresPullCursorStore({ url, schema, table: name });
      await store.records!.compareAndSet({ scope: "sink", key: "main", value: name, expectedVersion: 0 });
      expect(await store.list()).toEqual([]);
      await store.close();
    }
    const { rows } = await pool.query("SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename LIKE 'x%'", [schema]);
    expect(rows).toHaveLength(4);
  });

  test("refuses a table of records of another shape, and leaves it as it is", async () => {
    await pool.query(`CREATE TABLE ${table}_records (scope text, key int)`);
    await expect(open()).rejects.toMatchObject({ code: "STORE_TABLE_UNUSABLE", message: expect.stringContaining("key, value") });
  });
});
