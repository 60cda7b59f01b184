import type { CursorStore, Lease } from "@statewave-connectors/connector-sdk/store";
import { describeWithService, startTcpProxy, type TcpProxy } from "@statewave-connectors/testing/servers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openPostgresPullCursorStore } from "../src/index.ts";
import { ownSchema } from "./own-schema.ts";

const source = { kind: "github", name: "main" };
const unavailable = { code: "STORE_UNAVAILABLE", retryable: true };
const timeoutMs = 300;
/** Distinguishes its connections from those of other tests on the same server. */
const applicationName = `statewave-failing-server-${process.pid}`;

describeWithService("postgres", "the Postgres cursor store on a failing server", (url) => {
  const { schema, pool } = ownSchema(url);
  let proxy: TcpProxy;
  let store: CursorStore;
  let direct: CursorStore;
  let lease: Lease;

  beforeEach(async () => {
    proxy = await startTcpProxy(url);
    store = await openPostgresPullCursorStore({ url: `${proxy.url}?application_name=${applicationName}`, schema, timeoutMs });
    direct = await openPostgresPullCursorStore({ url, schema });
    await pool.query(`TRUNCATE ${schema}.statewave_runner_cursors`);
    const [answer] = await store.acquire([{ source, dueMs: 1, owner: "me", ttlMs: 60_000 }]);
    if (answer?.granted !== true) throw new Error("not granted");
    lease = answer.lease;
  });
  afterEach(async () => {
    await Promise.all([store.close(), direct.close()]);
    await proxy.close();
  });

  test("gives up on a server that answers nothing any more, and continues when it answers again", async () => {
    proxy.setMode("black-hole");
    await expect(store.checkpoint(lease, "lost")).rejects.toMatchObject(unavailable);
    await expect(store.list()).rejects.toMatchObject(unavailable);
    proxy.setMode("open");
    expect(await store.checkpoint(lease, "stored")).toBe(true);
    expect(await direct.get(source)).toBe("stored");
  });

  test("closes although the server answers nothing any more", async () => {
    await store.list();
    proxy.setMode("black-hole");
    await store.close();
    await expect(store.list()).rejects.toMatchObject({ code: "STORE_CLOSED" });
  });

  test("connects anew after every connection broke", async () => {
    proxy.cut();
    const outcome = await store.get(source).catch((error: unknown) => error);
    expect([undefined, expect.objectContaining(unavailable)]).toContainEqual(outcome);
    expect(await store.checkpoint(lease, "stored")).toBe(true);
  });

  test("continues after the server ended its connections, as in a restart", async () => {
    const ended = await pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [
      applicationName,
    ]);
    expect(ended.rowCount).toBeGreaterThan(0);
    const outcome = await store.checkpoint(lease, "stored").catch(() => store.checkpoint(lease, "stored"));
    expect(outcome).toBe(true);
  });

  test("stores the same checkpoint again when the answer to the first was lost", async () => {
    proxy.setMode("swallow-replies");
    await expect(store.checkpoint(lease, "page-2")).rejects.toMatchObject(unavailable);
    expect(await direct.get(source)).toBe("page-2");
    proxy.setMode("open");
    expect(await store.checkpoint(lease, "page-2")).toBe(true);
    expect(await store.get(source)).toBe("page-2");
  });

  test("finishes a run once when the answer to its release was lost", async () => {
    proxy.setMode("swallow-replies");
    await expect(store.release(lease, { type: "done" })).rejects.toMatchObject(unavailable);
    proxy.setMode("open");
    expect(await store.release(lease, { type: "done" })).toBe(false);
    expect(await direct.list()).toMatchObject([{ finishedDueMs: 1 }]);
  });

  test("lets a claim lapse whose answer was lost, and hands its run to the next one", async () => {
    await store.release(lease, { type: "done" });
    proxy.setMode("swallow-replies");
    await expect(store.acquire([{ source, dueMs: 2, owner: "me", ttlMs: 50 }])).rejects.toMatchObject(unavailable);
    const taken = await direct.acquire([{ source, dueMs: 2, owner: "other", ttlMs: 60_000 }]);
    expect(taken).toMatchObject([{ granted: true, lease: { dueMs: 2, resumed: true } }]);
  });

  test("sends a statement again that lost a deadlock", async () => {
    const other = { kind: "slack", name: "team" };
    const [held] = await direct.acquire([{ source: other, owner: "me", ttlMs: 60_000 }]);
    const otherLease = held?.granted === true ? held.lease : lease;
    const rival = await pool.connect();
    await rival.query("BEGIN");
    // It looks for deadlocks later than the store's connections do, so that it is not the one that Postgres ends.
    await rival.query("SET LOCAL deadlock_timeout = '1min'");
    await rival.query(`SELECT 1 FROM ${schema}.statewave_runner_cursors WHERE kind = 'slack' FOR UPDATE`);
    const patient = await openPostgresPullCursorStore({ url, schema });
    const renewing = patient.renew([lease, otherLease], 60_000);
    await expect.poll(waiting, { interval: 10 }).toBe(1);
    // Now each waits for the other.
    await rival.query(`SELECT 1 FROM ${schema}.statewave_runner_cursors WHERE kind = 'github' FOR UPDATE`);
    await rival.query("COMMIT");
    rival.release();
    expect(await renewing).toEqual([true, true]);
    await patient.close();
  });

  test("sends nothing at connecting that a pooler in transaction mode refuses or forgets", async () => {
    const plain = await startTcpProxy(url);
    await (await openPostgresPullCursorStore({ url: plain.url, schema, timeoutMs })).close();
    const startup = plain.received().toString("latin1").slice(0, 200);
    await plain.close();
    expect(startup).toContain("application_name\0statewave-connectors\0");
    expect(startup).not.toMatch(/statement_timeout|lock_timeout|options\0|search_path/);
  });

  test("reports that nothing listens", async () => {
    await proxy.close();
    await expect(openPostgresPullCursorStore({ url: proxy.url, schema, timeoutMs })).rejects.toMatchObject(unavailable);
    proxy = await startTcpProxy(url);
  });

  /** How many statements on this file's schema wait for a lock. */
  async function waiting(): Promise<number> {
    const { rows } = await pool.query(
      "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND starts_with(application_name, 'statewave') AND strpos(query, $1) > 0",
      [schema],
    );
    return rows.length;
  }
});
