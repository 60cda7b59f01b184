import type { AcquireResult } from "@statewave-connectors/connector-sdk/store";
import { describeWithService } from "@statewave-connectors/testing/servers";
import { expect, test } from "vitest";
import { openPostgresPullCursorStore, type PostgresPullCursorStoreOptions } from "../src/index.ts";
import { ownSchema } from "./own-schema.ts";

describeWithService("postgres", "what the Postgres cursor store costs the server", (url) => {
  const { schema, pool } = ownSchema(url);

  test("sends one statement for any number of claims, one for their renewals, and one for each checkpoint and release", async () => {
    const statements: string[] = [];
    const counting: NonNullable<PostgresPullCursorStoreOptions["pool"]> = {
      query: (text, values) => {
        statements.push(text);
        return pool.query(text, values);
      },
      connect: () => pool.connect(),
    };
    const store = await openPostgresPullCursorStore({ pool: counting, schema });
    const requests = Array.from({ length: 1_000 }, (_, index) => ({
      source: { kind: "github", name: `repo-${index}` },
      dueMs: 1,
      owner: "me",
      ttlMs: 60_000,
    }));
    const count = async <Result>(call: () => Promise<Result>) => {
      const before = statements.length;
      return { result: await call(), statements: statements.length - before };
    };
    const fresh = await count(() => store.acquire(requests));
    expect(fresh.statements).toBe(1);
    expect((await count(() => store.acquire(requests))).statements).toBe(1);
    const leases = fresh.result.map((answer: AcquireResult) => (answer.granted ? answer.lease : undefined)!);
    expect(leases).toHaveLength(1_000);
    expect((await count(() => store.renew(leases, 60_000))).statements).toBe(1);
    expect((await count(() => store.checkpoint(leases[0]!, "here"))).statements).toBe(1);
    expect((await count(() => store.release(leases[0]!, { type: "done" }))).statements).toBe(1);
    await store.close();
  });

  test("sends one statement for a claim with a limit, also when others take the same sources at the same moment", async () => {
    let statements = 0;
    const counting: NonNullable<PostgresPullCursorStoreOptions["pool"]> = {
      query: (text, values) => {
        statements += 1;
        return pool.query(text, values);
      },
      connect: () => pool.connect(),
    };
    const store = await openPostgresPullCursorStore({ pool: counting, schema, table: "racing" });
    const ask = (owner: string, dueMs: number) =>
      Array.from({ length: 100 }, (_, index) => ({
        source: { kind: "github", name: `repo-${index}` },
        dueMs,
        owner,
        ttlMs: 60_000,
      }));
    statements = 0;
    const owners = ["one", "two", "three", "four"];
    const rounds = 30;
    for (let round = 1; round <= rounds; round += 1) {
      await Promise.all(owners.map((owner) => store.acquire(ask(owner, round), { atMost: 20 })));
    }
    expect(statements).toBe(rounds * owners.length);
    await store.close();
  });

  test("writes nothing for a claim that it refuses", async () => {
    const store = await openPostgresPullCursorStore({ url, schema, table: "refusing" });
    const claim = { source: { kind: "github", name: "main" }, dueMs: 1, owner: "me", ttlMs: 60_000 };
    await store.acquire([claim]);
    const version = async () => (await pool.query(`SELECT xmin, xmax, ctid FROM ${schema}.refusing`)).rows;
    const before = await version();
    expect(await store.acquire([claim])).toMatchObject([{ granted: false, reason: "busy" }]);
    expect(await version()).toEqual(before);
    await store.close();
  });
});
