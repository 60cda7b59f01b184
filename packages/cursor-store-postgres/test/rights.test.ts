import { randomBytes } from "node:crypto";
import { type ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { describeWithService } from "@statewave-connectors/testing/servers";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPostgresPullCursorStore } from "../src/index.ts";
import { createCursorsTable } from "./fixtures/release-before-records.ts";

const source = { kind: "github", name: "main" };

/** Everything that a runner and its operator do. */
async function expectAllWorks(store: CursorStore): Promise<void> {
  const [answer] = await store.acquire([{ source, dueMs: 1, owner: "me", ttlMs: 60_000 }]);
  const lease = answer?.granted === true ? answer.lease : undefined;
  expect(await store.renew([lease!], 60_000)).toEqual([true]);
  expect(await store.checkpoint(lease!, "here")).toBe(true);
  expect(await store.release(lease!, { type: "done" })).toBe(true);
  const record = { scope: "sink", key: "main", value: "here", ttlMs: 60_000 };
  const created = await store.records!.compareAndSet({ ...record, expectedVersion: 0 });
  const replaced = await store.records!.compareAndSet({ ...record, expectedVersion: created.stored ? created.version : -1 });
  expect(await store.records!.list("sink")).toHaveLength(1);
  expect(await store.records!.scopes()).toEqual(["sink"]);
  const expectedVersion = replaced.stored ? replaced.version : -1;
  expect(await store.records!.compareAndSet({ scope: "sink", key: "main", expectedVersion })).toMatchObject({ stored: true });
  await store.set(source, "there");
  expect(await store.delete(source)).toBe(true);
  expect(await store.list()).toHaveLength(1);
}

describeWithService("postgres", "the Postgres cursor store as a role with few rights", (url) => {
  const id = randomBytes(4).toString("hex");
  const role = `Runner ${id}`;
  const database = `rights_${id}`;
  const server = new Pool({ connectionString: url, max: 1 });
  const ownersUrl = new URL(url);
  ownersUrl.pathname = `/${database}`;
  const limitedUrl = new URL(ownersUrl);
  Object.assign(limitedUrl, { username: encodeURIComponent(role), password: "limited" });
  let owner: Pool;
  beforeAll(async () => {
    await server.query(`CREATE ROLE "${role}" LOGIN PASSWORD 'limited'`);
    await server.query(`CREATE DATABASE ${database}`);
    owner = new Pool({ connectionString: ownersUrl.href, max: 1 });
    // Dropping the database may be quicker than the goodbye of this connection.
    owner.on("error", () => undefined);
  });
  afterAll(async () => {
    await owner.end();
    await server.query(`DROP DATABASE ${database} WITH (FORCE)`);
    await server.query(`DROP ROLE "${role}"`);
    await server.end();
  });

  const open = (options: { readonly schema?: string; readonly table?: string }) =>
    openPostgresPullCursorStore({ url: limitedUrl.href, ...options });
  const refusal = async (options: Parameters<typeof open>[0]): Promise<ConnectorsError> => {
    const error: unknown = await open(options).then(
      (store) => store.close(),
      (thrown: unknown) => thrown,
    );
    if (!isConnectorsError(error, "STORE_ACCESS_DENIED")) throw error;
    return error;
  };
  const ownersTable = async (schema: string, table: string) => {
    await (await openPostgresPullCursorStore({ url: ownersUrl.href, schema, table })).close();
  };

  test("may make nothing in public, nor a schema", async () => {
    const { rows } = await owner.query(
      `SELECT has_schema_privilege(rolname, 'public', 'CREATE') AS public, rolsuper,
       has_database_privilege(rolname, current_database(), 'CREATE') AS any FROM pg_roles WHERE rolname = $1`,
      [role],
    );
    expect(rows).toEqual([{ public: false, any: false, rolsuper: false }]);
  });

  test("needs no more than USAGE on the schema, SELECT, INSERT, UPDATE on the table of the cursors, and DELETE too on that of the records", async () => {
    await ownersTable("granted", "cursors");
    await owner.query(`GRANT USAGE ON SCHEMA granted TO "${role}"`);
    await owner.query(`GRANT SELECT, INSERT, UPDATE ON granted.cursors TO "${role}"`);
    await owner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON granted.cursors_records TO "${role}"`);
    const store = await open({ schema: "granted", table: "cursors" });
    await expectAllWorks(store);
    await store.close();
  });

  describe("reports at the start, not at the first run, what its owner has to run, and works once that was run", () => {
    test.each([
      { what: "there is no such schema", schema: "own", before: [], says: `CREATE SCHEMA "own" AUTHORIZATION "Runner` },
      { what: "there is no table in public", schema: undefined, before: [], says: 'CREATE TABLE IF NOT EXISTS "cursors"' },
      {
        what: "there is no table, and the schema is closed",
        schema: "closed",
        before: ["CREATE SCHEMA closed"],
        says: 'GRANT USAGE ON SCHEMA "closed"',
      },
      {
        what: "the table is an older runner's",
        schema: "older",
        before: [
          "CREATE SCHEMA older",
          `GRANT USAGE ON SCHEMA older TO "${role}"`,
          "CREATE TABLE older.cursors (kind text, name text, cursor text NOT NULL, updated_at timestamptz, PRIMARY KEY (kind, name))",
          `GRANT SELECT, INSERT, UPDATE ON older.cursors TO "${role}"`,
        ],
        says: 'ALTER TABLE "older"."cursors" ADD COLUMN',
      },
      {
        what: "there is a release's table from before records",
        schema: "before",
        before: [
          "CREATE SCHEMA before",
          `GRANT USAGE ON SCHEMA before TO "${role}"`,
          createCursorsTable("before.cursors"),
          `GRANT SELECT, INSERT, UPDATE ON before.cursors TO "${role}"`,
        ],
        says: 'CREATE TABLE IF NOT EXISTS "before"."cursors_records"',
      },
    ])("$what", async ({ schema, before, says }) => {
      for (const statement of before) await owner.query(statement);
      await expectHealedByItsHint({ ...(schema === undefined ? {} : { schema }), table: "cursors" }, says);
    });

    test.each([
      { what: "the schema is not to be used", rights: ["SELECT, INSERT, UPDATE"], usage: false, says: "GRANT USAGE ON SCHEMA" },
      { what: "the table is only to be read", rights: ["SELECT"], usage: true, says: "GRANT INSERT, UPDATE ON" },
      { what: "the table is not to be read", rights: ["INSERT"], usage: true, says: "GRANT SELECT, UPDATE ON" },
      { what: "nothing was granted", rights: [], usage: false, says: "GRANT SELECT, INSERT, UPDATE ON" },
    ])("$what", async ({ what, rights, usage, says }) => {
      const schema = what.replaceAll(/\W/g, "_");
      await ownersTable(schema, "cursors");
      for (const right of rights) await owner.query(`GRANT ${right} ON ${schema}.cursors TO "${role}"`);
      if (usage) await owner.query(`GRANT USAGE ON SCHEMA ${schema} TO "${role}"`);
      await expectHealedByItsHint({ schema, table: "cursors" }, says);
    });

    async function expectHealedByItsHint(options: Parameters<typeof open>[0], says: string): Promise<void> {
      const { message, hint } = await refusal(options);
      expect(message).toContain(`"${role}"`);
      expect(hint).toContain(says);
      await owner.query(hint!.replace("Let its owner run: ", ""));
      const store = await open(options);
      await expectAllWorks(store);
      await store.close();
    }
  });

  test("reports that its password is wrong, without a word about rights", async () => {
    const wrong = new URL(limitedUrl);
    wrong.password = "s3cret";
    const error: unknown = await openPostgresPullCursorStore({ url: wrong.href }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "STORE_ACCESS_DENIED" });
    expect(String((error as ConnectorsError).hint)).not.toMatch(/GRANT|s3cret/);
  });
});
