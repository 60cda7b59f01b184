import { randomBytes } from "node:crypto";
import { type ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Inbox, Settlement } from "@statewave-connectors/connector-sdk/inbox";
import { describeWithService } from "@statewave-connectors/testing/servers";
import { Pool } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { event, firstClaim, open } from "./item.ts";

/** Everything that a runner and its operator do. */
async function expectAllWorks(inbox: Inbox): Promise<void> {
  expect(await inbox.accept(event("a"))).toBe("fresh");
  expect(await inbox.accept(event("a"))).toBe("duplicate");
  const { consumer, done } = await firstClaim(inbox);
  done();
  await expect.poll(async () => (await inbox.stats()).depth).toBe(0);
  await consumer.stop(new AbortController().signal);
  await inbox.accept(event("b"));
  const outcomes: Settlement[] = [
    { type: "retry", afterMs: 0 },
    { type: "dead", reason: "no" },
  ];
  inbox.consume(async () => outcomes.shift()!);
  await expect.poll(async () => (await inbox.listDeadLetters()).length).toBe(1);
  const [letter] = await inbox.listDeadLetters();
  outcomes.push({ type: "dead", reason: "again" });
  expect(await inbox.retryDeadLetters([letter!.key])).toBe(1);
  await expect.poll(async () => (await inbox.listDeadLetters())[0]?.reason).toBe("again");
  expect(await inbox.discardDeadLetters((await inbox.listDeadLetters()).map(({ key }) => key))).toBe(1);
}

describeWithService("postgres", "the Postgres inbox as a role with few rights", (url) => {
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

  test.each([
    { what: "there is no such schema", schema: "missing", before: [], says: "CREATE SCHEMA" },
    {
      what: "the schema is somebody else's",
      schema: "closed",
      before: ["CREATE SCHEMA closed_inbox"],
      says: "GRANT USAGE, CREATE ON SCHEMA",
    },
  ])(
    "reports at the start what its owner has to run when $what, and works once that was run",
    async ({ schema, before, says }) => {
      for (const statement of before) await owner.query(statement);
      await expectHealedByItsHint(schema, says);
    },
  );

  test("reports which rights it lacks on tables of another role, and works once they were granted", async () => {
    await (await open(ownersUrl.href, "made")).close();
    await expectHealedByItsHint("made", "GRANT ALL ON ALL TABLES IN SCHEMA");
  });

  test("needs a schema of its own and nothing else", async () => {
    await owner.query(`CREATE SCHEMA own_inbox AUTHORIZATION "${role}"`);
    const inbox = await open(limitedUrl.href, "own");
    await expectAllWorks(inbox);
    await inbox.close();
  });

  async function expectHealedByItsHint(schema: string, says: string): Promise<void> {
    const { message, hint } = await refusal(schema);
    expect(message).toContain(`"${role}"`);
    expect(hint).toContain(says);
    await owner.query(hint!.replace("Let its owner run: ", ""));
    const inbox = await open(limitedUrl.href, schema);
    await expectAllWorks(inbox);
    await inbox.close();
  }

  async function refusal(schema: string): Promise<ConnectorsError> {
    const error: unknown = await open(limitedUrl.href, schema).then(
      (inbox) => inbox.close(),
      (thrown: unknown) => thrown,
    );
    if (!isConnectorsError(error, "INBOX_ACCESS_DENIED")) throw error;
    return error;
  }
});
