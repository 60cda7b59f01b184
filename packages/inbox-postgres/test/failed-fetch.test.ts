import { describeWithService } from "@statewave-connectors/testing/servers";
import { expect, test } from "vitest";
import { event, open } from "./item.ts";
import { ownSchemas } from "./own-schema.ts";

const eventCount = 22;

describeWithService("postgres", "a Postgres that fails to hand out more", (url) => {
  const { nameOf, pool } = ownSchemas(url);

  test("keeps no event from the consumer that was claimed before and waited for room", async () => {
    const schema = nameOf("fetch");
    const inbox = await open(url, schema);
    const large = "x".repeat(1_000);
    // The average is small, so that one fetch takes both of the large ones, which do not fit the limit together.
    for (let number = 0; number < eventCount; number += 1) await inbox.accept(event(String(number), number < 2 ? large : "x"));
    let handled = 0;
    const broken = Promise.withResolvers<void>();
    inbox.consume(
      async () => {
        handled += 1;
        await broken.promise;
        return { type: "done" };
      },
      { maxBytes: 1_500 },
    );
    await expect.poll(() => handled).toBeGreaterThan(0);
    const { rows } = await pool.query(`SELECT count(*)::int AS claimed FROM ${schema}_inbox.job WHERE state = 'active'`);
    const claimed = Number(rows[0]?.claimed);
    expect(claimed).toBeGreaterThan(handled);
    expect(claimed).toBeLessThan(eventCount);
    await pool.query(
      `CREATE FUNCTION ${schema}_inbox.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no more'; END $$`,
    );
    await pool.query(
      `CREATE TRIGGER refuse BEFORE UPDATE ON ${schema}_inbox.job_common FOR EACH ROW
       WHEN (new.state = 'active' AND old.state <> 'active') EXECUTE FUNCTION ${schema}_inbox.refuse()`,
    );
    broken.resolve();
    await expect.poll(() => handled, { timeout: 20_000 }).toBe(claimed);
    await pool.query(`DROP TRIGGER refuse ON ${schema}_inbox.job_common`);
    await expect.poll(() => handled, { timeout: 20_000 }).toBe(eventCount);
    await inbox.close();
  });
});
