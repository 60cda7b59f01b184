import { randomBytes } from "node:crypto";
import { Pool } from "pg";
import { afterAll } from "vitest";

/** Names of schemas of this test file's own, gone after its last test, and a pool to look into them. */
export function ownSchemas(url: string): { readonly nameOf: (storeName: string) => string; readonly pool: Pool } {
  const prefix = `t${randomBytes(4).toString("hex")}`;
  const used = new Set<string>();
  const pool = new Pool({ connectionString: url, max: 2 });
  afterAll(async () => {
    for (const schema of used) await pool.query(`DROP SCHEMA IF EXISTS ${schema}_inbox CASCADE`);
    await pool.end();
  });
  const nameOf = (storeName: string) => {
    const schema = `${prefix}_${storeName.replaceAll(/[^a-z0-9]/g, "_")}`;
    used.add(schema);
    return schema;
  };
  return { nameOf, pool };
}
