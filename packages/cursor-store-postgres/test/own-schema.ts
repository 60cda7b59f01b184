import { randomBytes } from "node:crypto";
import { Pool } from "pg";
import { afterAll, beforeAll } from "vitest";

/** A schema of this test file's own, gone after its last test, and a pool to look at it with. */
export function ownSchema(url: string): { readonly schema: string; readonly pool: Pool } {
  const schema = `cursors_${randomBytes(6).toString("hex")}`;
  const pool = new Pool({ connectionString: url, max: 2 });
  beforeAll(async () => void (await pool.query(`CREATE SCHEMA ${schema}`)));
  afterAll(async () => {
    await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await pool.end();
  });
  return { schema, pool };
}
