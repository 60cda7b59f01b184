import { setImmediate as nextTurn } from "node:timers/promises";
import { describeWithService, startTcpProxy } from "@statewave-connectors/testing/servers";
import { Client } from "pg";
import { expect, test } from "vitest";
import { event, firstClaim, open, queue } from "./item.ts";
import { ownSchemas } from "./own-schema.ts";

const unavailable = { code: "INBOX_UNAVAILABLE", retryable: true };
const allFresh = (count: number) => Array.from({ length: count }, () => "fresh");

describeWithService("postgres", "what could go wrong with pg-boss", (url) => {
  const { nameOf, pool } = ownSchemas(url);

  test("nothing is given up by counting or deleted by age: the job says so, whatever pg-boss's defaults are", async () => {
    const schema = nameOf("retention");
    const inbox = await open(url, schema, { dedupWindowMs: 3_600_000 });
    await Promise.all([inbox.accept(event("a")), inbox.accept(event(undefined))]);
    const columns = `retry_limit, expire_seconds, heartbeat_seconds, dead_letter`;
    const years = `extract(epoch FROM keep_until - now()) / 31536000 > 9 AS is_kept_for_years`;
    const { rows } = await pool.query(
      `SELECT ${columns}, deletion_seconds, ${years} FROM ${schema}_inbox.job WHERE name = $1 ORDER BY deletion_seconds`,
      [queue],
    );
    const forAll = {
      retry_limit: 2_147_483_647,
      expire_seconds: 86_400,
      heartbeat_seconds: 10,
      dead_letter: null,
      is_kept_for_years: true,
    };
    // The one without an id need not be remembered.
    expect(rows).toEqual([
      { ...forAll, deletion_seconds: 1 },
      { ...forAll, deletion_seconds: 3_600 },
    ]);
    const queues = await pool.query(
      `SELECT ${columns}, retention_seconds, deletion_seconds FROM ${schema}_inbox.queue WHERE name = $1`,
      [queue],
    );
    const { is_kept_for_years: _, ...ofQueue } = forAll;
    expect(queues.rows).toEqual([{ ...ofQueue, retention_seconds: 315_360_000, deletion_seconds: 3_600 }]);
    await inbox.close();
  });

  test("an item that was retried is kept for years from its new time on", async () => {
    const schema = nameOf("retried");
    const inbox = await open(url, schema);
    await inbox.accept(event("a"));
    const settled = Promise.withResolvers<void>();
    inbox.consume(async () => {
      setImmediate(settled.resolve);
      return { type: "retry", afterMs: 3_600_000 };
    });
    await settled.promise;
    const row = () =>
      pool
        .query(
          `SELECT state, retry_limit, priority, extract(epoch FROM start_after - now()) BETWEEN 3500 AND 3600 AS waits,
           extract(epoch FROM keep_until - start_after) / 31536000 > 9 AS is_kept FROM ${schema}_inbox.job WHERE name = $1`,
          [queue],
        )
        .then(({ rows }) => rows);
    await expect.poll(row).toEqual([{ state: "retry", retry_limit: 2_147_483_647, priority: -1, waits: true, is_kept: true }]);
    await inbox.close();
  });

  test("two processes that accept the same events in opposite order neither lock each other out nor store one twice", async () => {
    const schema = nameOf("deadlocks");
    const inboxes = [await open(url, schema), await open(url, schema)];
    for (let round = 0; round < 10; round += 1) {
      const ids = Array.from({ length: 200 }, (_, index) => `${round}-${index}`);
      const outcomes = await Promise.all([
        ...ids.map((id) => inboxes[0]!.accept(event(id))),
        ...ids.toReversed().map((id) => inboxes[1]!.accept(event(id))),
      ]);
      expect(outcomes.filter((outcome) => outcome === "fresh")).toEqual(allFresh(200));
    }
    expect((await inboxes[0]!.stats()).depth).toBe(2_000);
    await Promise.all(inboxes.map((inbox) => inbox.close()));
  });

  test("an event that the database refuses fails alone, not the others of its commit", async () => {
    const schema = nameOf("poison");
    const inbox = await open(url, schema);
    await inbox.accept(event("first"));
    await pool.query(
      `CREATE FUNCTION ${schema}_inbox.refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN IF new.group_tier = '6' THEN RAISE 'refused'; END IF; RETURN new; END $$`,
    );
    await pool.query(
      `CREATE TRIGGER refuse BEFORE INSERT ON ${schema}_inbox.job_common FOR EACH ROW EXECUTE FUNCTION ${schema}_inbox.refuse()`,
    );
    const outcomes = await Promise.allSettled(["fine", "poison", "good"].map((text) => inbox.accept(event(text, text))));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({ reason: { code: "INBOX_QUERY_FAILED" } });
    expect((await inbox.stats()).depth).toBe(3);
    await inbox.close();
  });

  test("an event of which every copy is there already is a duplicate, also when pg-boss answers null", async () => {
    const inbox = await open(url, nameOf("duplicates"));
    await inbox.accept(event("a"));
    expect(await Promise.all([inbox.accept(event("a")), inbox.accept(event("a"))])).toEqual(["duplicate", "duplicate"]);
    await inbox.close();
  });

  test("a claim that another process holds now is not settled by its former owner", async () => {
    const { former, lost, present, taken } = await takenOver("zombie");
    lost.done();
    await former.stats();
    expect((await present.stats()).depth).toBe(1);
    expect(taken.claimed.signal.aborted).toBe(false);
    taken.done();
    await expect.poll(async () => (await present.stats()).depth).toBe(0);
    await Promise.all([former.close(), present.close()]);
  });

  test("the former owner of a claim learns that it was lost", async () => {
    const { former, lost, present } = await takenOver("learns");
    await expect.poll(() => lost.claimed.signal.aborted).toBe(true);
    await Promise.all([former.close(), present.close()]);
  });

  /** An item whose owner gave no sign of life, and that another process has now. */
  async function takenOver(name: string) {
    const schema = nameOf(name);
    const former = await open(url, schema);
    await former.accept(event("a"));
    const lost = await firstClaim(former);
    lost.consumer.pause();
    const table = `${schema}_inbox.job`;
    // A sign of life that is given in between is taken back.
    const silence = () =>
      pool.query(`UPDATE ${table} SET heartbeat_on = now() - interval '1 hour' WHERE name = $1 RETURNING state`, [queue]);
    await expect.poll(async () => (await silence()).rows[0].state).toBe("retry");
    const present = await open(url, schema);
    const taken = await firstClaim(present);
    expect(taken.claimed).toMatchObject({ key: lost.claimed.key, attempt: 0 });
    return { former, lost, present, taken };
  }

  test("nothing stays claimed that was just being claimed when the inbox was closed", async () => {
    const schema = nameOf("closing");
    for (let round = 0; round < 20; round += 1) {
      const inbox = await open(url, schema);
      await inbox.accept(event(undefined));
      inbox.consume(() => new Promise(() => undefined), { maxItemsPerSource: 1 + (round % 2) });
      // Each time a little later in the course of its first claims.
      for (let turn = 0; turn < 2 * round; turn += 1) await nextTurn();
      await inbox.close();
      const { rows } = await pool.query(`SELECT id FROM ${schema}_inbox.job WHERE name = $1 AND state = 'active'`, [queue]);
      expect(rows).toEqual([]);
    }
  });

  test("an accept that this process does not take itself announces the work to the others at once", async () => {
    const schema = nameOf("notify");
    const inbox = await open(url, schema);
    const listener = new Client(url);
    await listener.connect();
    await listener.query(`LISTEN "${schema}_inbox"`);
    const heard = new Promise((resolve) => void listener.once("notification", ({ payload }) => resolve(payload)));
    await inbox.accept(event("a"));
    expect(await heard).toBe(queue);
    await listener.end();
    await inbox.close();
  });

  test("an accept whose answer was lost counts as a failure, and the event sent again as a duplicate", async () => {
    const schema = nameOf("lost");
    const proxy = await startTcpProxy(url);
    const [inbox, direct] = [await open(proxy.url, schema), await open(url, schema)];
    await inbox.accept(event("first"));
    // Several connections, so that one is idle when the answers begin to vanish.
    await Promise.all(Array.from({ length: 6 }, () => inbox.stats()));
    proxy.setMode("swallow-replies");
    await expect(inbox.accept(event("a"))).rejects.toMatchObject(unavailable);
    expect(await direct.accept(event("a"))).toBe("duplicate");
    proxy.setMode("open");
    await expect.poll(() => inbox.accept(event("a")).catch(() => "refused")).toBe("duplicate");
    expect((await inbox.stats()).depth).toBe(2);
    await Promise.all([inbox.close(), direct.close()]);
    await proxy.close();
  });

  test("refuses while nothing listens at the server's address, and takes events again when a server does", async () => {
    const proxy = await startTcpProxy(url);
    const inbox = await open(proxy.url, nameOf("away"));
    await inbox.accept(event("first"));
    await proxy.close();
    const refused = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => inbox.accept(event(`${index}`))));
    expect(refused.map((outcome) => outcome.status === "rejected" && outcome.reason)).toEqual(
      Array.from({ length: 20 }, () => expect.objectContaining(unavailable)),
    );
    await inbox.close();
  });

  test("opens at the same moment in several processes that find nothing", async () => {
    const schema = nameOf("at_once");
    const inboxes = await Promise.all(Array.from({ length: 5 }, () => open(url, schema)));
    expect(await Promise.all(inboxes.map((inbox, index) => inbox.accept(event(`${index}`))))).toEqual(allFresh(5));
    expect((await inboxes[0]!.stats()).depth).toBe(5);
    await Promise.all(inboxes.map((inbox) => inbox.close()));
  });
});
