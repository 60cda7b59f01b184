import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { describeWithService } from "@statewave-connectors/testing/servers";
import { Pool } from "pg";
import { expect, test } from "vitest";
import { EarlierRunner, migrateEnv } from "./earlier-runner.ts";
import { runHere } from "../run-here.ts";

const earlier = new EarlierRunner();

describeWithService("postgres", "moving from Postgres", (url) => {
  test("begins a day before the time of the stored cursor, with the month before it as a backfill", async () => {
    const schema = `earlier_${randomBytes(6).toString("hex")}`;
    const pool = new Pool({ connectionString: url, max: 1 });
    const columns = "kind text NOT NULL, name text NOT NULL, cursor text NOT NULL, updated_at timestamptz NOT NULL DEFAULT now()";
    await pool.query(`CREATE SCHEMA ${schema}`);
    await pool.query(`CREATE TABLE ${schema}.statewave_runner_cursors (${columns}, PRIMARY KEY (kind, name))`);
    await pool.query(
      `INSERT INTO ${schema}.statewave_runner_cursors
       SELECT kind, name, 'MTU3', '2026-03-05T00:00:00Z' FROM (VALUES ('zendesk', 'support'), ('gmail', 'founder')) rows (kind, name)`,
    );
    const own = `${url}${url.includes("?") ? "&" : "?"}options=-c%20search_path%3D${schema}`;
    earlier.writeConfig(`kind = "postgres"\nurl = "${own}"`);
    const { code, stdout } = await earlier.migrate("--write", "new.toml");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /zendesk\/support: converted\n {2}begins at 2026-03-04T00:00:00.000Z, and 2026-02-02T00:00:00.000Z to 2026-03-04/,
    );
    expect(stdout).toMatch(/gmail\/founder: converted\n {2}begins at 2026-03-04T00:00:00.000Z, and /);
    const same = readFileSync(earlier.path("new.toml"), "utf8").replace(
      'schema = "statewave_connectors"',
      `schema = "${schema}"`,
    );
    earlier.write("same.toml", same);
    const again = await runHere(earlier.folder, ["migrate", "old.toml", "--config", "same.toml", "--yes"], {
      env: { ...migrateEnv, POSTGRES_URL: own },
    });
    expect(again).toMatchObject({ code: 4, stderr: expect.stringContaining("STORE_MIGRATE_SAME") });
    const wrong = Object.assign(new URL(url), { username: "nobody_here", password: "hidden-pw" }).href;
    earlier.writeConfig(`kind = "postgres"\nurl = "${wrong}"`);
    expect(await earlier.migrate()).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/STORE_(ACCESS_DENIED|UNAVAILABLE)/),
    });
    await pool.query(`DROP SCHEMA ${schema} CASCADE`);
    await pool.end();
  });
});
