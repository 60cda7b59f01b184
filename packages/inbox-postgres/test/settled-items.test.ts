import type { Settlement } from "@statewave-connectors/connector-sdk/inbox";
import { describeWithService } from "@statewave-connectors/testing/servers";
import { expect, test } from "vitest";
import { event, open, queue } from "./item.ts";
import { ownSchemas } from "./own-schema.ts";

describeWithService("postgres", "an item that is settled in Postgres", (url) => {
  const { nameOf, pool } = ownSchemas(url);
  const rowsOf = async (schema: string) =>
    (await pool.query(`SELECT state, data FROM ${schema}_inbox.job WHERE name = $1`, [queue])).rows;

  test.each<{ what: string; settlement: Settlement }>([
    { what: "delivered", settlement: { type: "done" } },
    { what: "buried", settlement: { type: "dead", reason: "refused" } },
  ])("leaves only its id in the queue when it was $what, and the id is still known", async ({ what, settlement }) => {
    const schema = nameOf(what);
    const inbox = await open(url, schema);
    for (const id of ["a", "b"]) await inbox.accept(event(id, `body of ${id}`));
    inbox.consume(async () => settlement);
    await expect.poll(async () => (await inbox.stats()).depth).toBe(0);
    const remembered = { state: "completed", data: null };
    expect(await rowsOf(schema)).toEqual([remembered, remembered]);
    expect(await inbox.accept(event("a", "body of a"))).toBe("duplicate");
    await inbox.close();
  });

  test("keeps what was received in its dead letter only, until that is discarded", async () => {
    const schema = nameOf("letter");
    const inbox = await open(url, schema);
    await inbox.accept(event("a", "body of a"));
    inbox.consume(async () => ({ type: "dead", reason: "refused" }));
    await expect.poll(async () => (await inbox.listDeadLetters()).length).toBe(1);
    const [letter] = await inbox.listDeadLetters();
    const shown = await inbox.getDeadLetter(letter!.key);
    expect(shown?.item).toMatchObject({ type: "event", body: Buffer.from("body of a") });
    await inbox.discardDeadLetters([letter!.key]);
    expect(await rowsOf(schema)).toEqual([{ state: "completed", data: null }]);
    expect((await pool.query(`SELECT FROM ${schema}_inbox.dead_letters`)).rows).toEqual([]);
    await inbox.close();
  });

  test("keeps what was received while it waits for another attempt", async () => {
    const schema = nameOf("retried");
    const inbox = await open(url, schema);
    await inbox.accept(event("a", "body of a"));
    const bodies: string[] = [];
    inbox.consume(async ({ item, attempt }) => {
      bodies.push(item.type === "event" ? Buffer.from(item.body).toString() : item.type);
      return attempt === 0 ? { type: "retry", afterMs: 0 } : { type: "done" };
    });
    await expect.poll(async () => (await inbox.stats()).depth).toBe(0);
    expect(bodies).toEqual(["body of a", "body of a"]);
    await inbox.close();
  });
});
