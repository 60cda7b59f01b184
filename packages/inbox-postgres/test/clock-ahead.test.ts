import { describeWithService } from "@statewave-connectors/testing/servers";
import { expect, test } from "vitest";
import { event, firstClaim, open, queue } from "./item.ts";
import { ownSchemas } from "./own-schema.ts";

describeWithService("postgres", "a Postgres whose clock was years ahead and is set right", (url) => {
  const { nameOf, pool } = ownSchemas(url);

  test("hands out an event that it accepted meanwhile", async () => {
    const schema = nameOf("accepted");
    const inbox = await open(url, schema);
    await inbox.accept(event("a"));
    await pool.query(`UPDATE ${schema}_inbox.job SET start_after = now() + interval '9 years' WHERE name = $1`, [queue]);
    const { done, consumer } = await firstClaim(inbox);
    done();
    await expect.poll(async () => (await inbox.stats()).depth).toBe(0);
    await consumer.stop(new AbortController().signal);
    await inbox.close();
  });

  test("gives back the claim of a process that died meanwhile", { timeout: 60_000 }, async () => {
    const schema = nameOf("claimed");
    const dead = await open(url, schema);
    await dead.accept(event("a"));
    (await firstClaim(dead)).consumer.pause();
    // Its signs of life continue, for an attempt that is no longer the stored one: as far as the server knows, it is dead.
    await pool.query(
      `UPDATE ${schema}_inbox.job SET retry_count = retry_count + 1, heartbeat_on = now() + interval '9 years' WHERE name = $1`,
      [queue],
    );
    await pool.query(
      `UPDATE ${schema}_inbox.queue SET monitor_claim_on = now() + interval '9 years', monitor_on = now() + interval '9 years'`,
    );
    const inbox = await open(url, schema);
    const { claimed, done } = await firstClaim(inbox);
    expect(claimed.item).toMatchObject({ id: "a" });
    done();
    await inbox.close();
    await dead.close();
  });
});
