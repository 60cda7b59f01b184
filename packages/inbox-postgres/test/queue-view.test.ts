import { describeWithService } from "@statewave-connectors/testing/servers";
import { expect, test } from "vitest";
import { event, open } from "./item.ts";
import { ownSchemas } from "./own-schema.ts";

const items = 20_000;

describeWithService("postgres", "a look at a long queue in Postgres", (url) => {
  const { nameOf, pool } = ownSchemas(url);

  /** An inbox in which many items wait, with up to two attempts each and five in each instant. */
  async function longQueue(schema: string) {
    const inbox = await open(url, schema);
    await inbox.accept(event("a", "body"));
    const { rows } = await pool.query<{ name: string }>(
      `SELECT quote_ident(attname) AS name FROM pg_attribute
       WHERE attrelid = '${schema}_inbox.job'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
    );
    const given: Readonly<Record<string, string>> = {
      id: "gen_random_uuid()",
      priority: "-(n % 3)",
      created_on: "created_on + (n / 5) * interval '1 millisecond'",
    };
    const names = rows.map(({ name }) => name);
    await pool.query(
      `INSERT INTO ${schema}_inbox.job (${names.join()}) SELECT ${names.map((name) => given[name] ?? name).join()}
       FROM ${schema}_inbox.job, generate_series(1, ${items - 1}) AS n`,
    );
    return inbox;
  }

  /** How many rows of the queues were read without an index. */
  async function rowsScanned(schema: string): Promise<number> {
    const { rows } = await pool.query<{ read: string }>(
      "SELECT sum(seq_tup_read)::text AS read FROM pg_stat_user_tables WHERE schemaname = $1 AND relname ~ '^job'",
      [`${schema}_inbox`],
    );
    return Number(rows[0]?.read);
  }

  test("reads it in its order by its indexes, page by page and item by item", async () => {
    const schema = nameOf("long");
    const inbox = await longQueue(schema);
    await pool.query(`ANALYZE ${schema}_inbox.job`);
    const { view } = inbox;
    const scannedBefore = await rowsScanned(schema);
    const keys: string[] = [];
    const times: number[] = [];
    for (;;) {
      const page = (await view?.list({ limit: 500, ...(keys.length > 0 && { after: keys.at(-1) ?? "" }) })) ?? [];
      keys.push(...page.map(({ key }) => key));
      times.push(...page.map(({ acceptedAtMs }) => acceptedAtMs));
      const last = page.at(-1);
      expect(last && (await view?.get(last.key))?.key).toBe(last?.key);
      if (page.length < 500) break;
    }
    expect(new Set(keys).size).toBe(items);
    expect(times).toEqual(times.toSorted((left, right) => left - right));
    expect(await inbox.discardQueued?.(keys.slice(0, 3))).toBe(3);
    expect((await view?.list({ limit: 1 }))?.[0]?.key).toBe(keys[3]);
    await inbox.close();
    // The server counts what a connection has read when that ends, or after a second.
    await expect
      .poll(
        async () =>
          (await pool.query(`SELECT FROM pg_stat_activity WHERE query LIKE '%${schema}%' AND pid <> pg_backend_pid()`)).rowCount,
      )
      .toBe(0);
    // Half of what as many looks without an index read; the inbox counts its queue once a second.
    expect((await rowsScanned(schema)) - scannedBefore).toBeLessThan((items / 500) * items);
  });
});
