import { setTimeout as delay } from "node:timers/promises";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import type { CursorStore, Lease } from "@statewave-connectors/connector-sdk/store";
import {
  hasRedisServer,
  type RedisServer,
  startRedisServer,
  startTcpProxy,
  type TcpProxy,
} from "@statewave-connectors/testing/servers";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRedisPullCursorStore } from "../src/index.ts";

const source = { kind: "github", name: "main" };
const unavailable = { code: "STORE_UNAVAILABLE", retryable: true };
const dueMs = Date.UTC(2026, 0, 1);

async function claim(store: CursorStore): Promise<Lease> {
  const [answer] = await store.acquire([{ source, dueMs, owner: "me", ttlMs: 600_000 }]);
  if (answer?.granted !== true) throw new Error(`not granted: ${JSON.stringify(answer)}`);
  return answer.lease;
}

/** The store comes back by itself: calls it until it answers. */
async function untilBack<Value>(ask: () => Promise<Value>): Promise<Value> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isConnectorsError(error, "STORE_UNAVAILABLE")) throw error;
      await delay(20);
    }
  }
}

/** Has the server know every script, so that one command is one step. */
async function teachScripts(store: CursorStore): Promise<void> {
  const other = { kind: "github", name: "other" };
  const [answer] = await store.acquire([{ source: other, dueMs, owner: "me", ttlMs: 1_000 }]);
  if (answer?.granted !== true) throw new Error("not granted");
  await store.renew([answer.lease], 1_000);
  await store.checkpoint(answer.lease, "x");
  await store.release(answer.lease, { type: "done" });
}

describe.skipIf(!hasRedisServer())("a cursor store whose Redis becomes unreachable", () => {
  let server: RedisServer;
  let proxy: TcpProxy;
  let store: CursorStore;
  beforeEach(async () => {
    server = await startRedisServer();
    proxy = await startTcpProxy(server.url);
    store = await openRedisPullCursorStore({ url: proxy.url });
    await teachScripts(store);
  });
  afterEach(async () => {
    await store.close();
    await proxy.close();
    await server.stop();
  });

  test("refuses at once while the server is down, and serves again by itself when it is back", async () => {
    const lease = await claim(store);
    await store.checkpoint(lease, "before");
    await server.kill();
    for (let round = 0; round < 5; round += 1) await expect(store.get(source)).rejects.toMatchObject(unavailable);
    await server.start();
    expect(await untilBack(() => store.checkpoint(lease, "after"))).toBe(true);
    expect(await store.get(source)).toBe("after");
  });

  test("loads its scripts again into a server that has forgotten them", async () => {
    const client = new Redis(server.url);
    const lease = await claim(store);
    await client.script("FLUSH");
    expect(await store.checkpoint(lease, "page-1")).toBe(true);
    await client.script("FLUSH");
    const answers = await Promise.all([store.renew([lease], 600_000), store.list(), store.checkpoint(lease, "page-2")]);
    expect(answers).toEqual([[true], [expect.objectContaining({ source }), expect.anything()], true]);
    client.disconnect();
  });

  test("refuses when the connection is dead without an error, and makes a new one", async () => {
    const lease = await claim(store);
    proxy.setMode("black-hole");
    await expect(store.checkpoint(lease, "lost")).rejects.toMatchObject(unavailable);
    proxy.setMode("open");
    expect(await untilBack(() => store.checkpoint(lease, "stored"))).toBe(true);
  });

  test("sends nothing twice by itself: what was under way when the connection broke is the caller's to repeat", async () => {
    const lease = await claim(store);
    proxy.setMode("swallow-replies");
    const lost = store.release(lease, { type: "done" });
    const refused = lost.catch((error: unknown) => error);
    const client = new Redis(server.url);
    const isFinished = async () => (await client.hget("statewave_runner:leases", "github/main"))?.includes("finishedDueMs");
    await expect.poll(isFinished).toBe(true);
    proxy.cut();
    proxy.setMode("open");
    expect(await refused).toMatchObject(unavailable);
    const sent = () =>
      proxy
        .received()
        .toString()
        .match(/evalsha|eval\r/gi)?.length;
    const before = sent();
    await untilBack(() => store.get(source));
    expect(sent()).toBe(before);
    client.disconnect();
  });

  test("takes no harm when the answer to a step that was made is lost, and the step is tried again", async () => {
    const lease = await claim(store);
    const client = new Redis(server.url);
    const executed = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info("commandstats"))?.[1]);
    const steps: readonly [ask: () => Promise<unknown>, again: unknown][] = [
      [() => store.checkpoint(lease, "page-1"), true],
      [() => store.renew([lease], 600_000), [true]],
      // Done already: the lease is gone, and with it the right to say so again.
      [() => store.release(lease, { type: "done" }), false],
    ];
    for (const [ask, again] of steps) {
      proxy.setMode("swallow-replies");
      const before = await executed();
      const refused = ask().catch((error: unknown) => error);
      await expect.poll(executed).toBe(before + 1);
      proxy.cut();
      proxy.setMode("open");
      expect(await refused).toMatchObject(unavailable);
      expect(await untilBack(ask)).toEqual(again);
    }
    const [state] = await store.list();
    expect(state).toMatchObject({ cursor: "page-1", finishedDueMs: dueMs });
    expect(state).not.toHaveProperty("openDueMs");
    client.disconnect();
  });

  test("leaves a run whose grant never arrived to lapse: no other process gets it meanwhile", async () => {
    proxy.setMode("swallow-replies");
    const lost = store.acquire([{ source, dueMs, owner: "me", ttlMs: 600_000 }]);
    const refused = lost.catch((error: unknown) => error);
    const other = await openRedisPullCursorStore({ url: server.url });
    await expect.poll(async () => (await other.list()).length).toBe(2);
    proxy.cut();
    expect(await refused).toMatchObject(unavailable);
    const [answer] = await other.acquire([{ source, dueMs, owner: "other", ttlMs: 1_000 }]);
    expect(answer).toMatchObject({ granted: false, reason: "busy" });
    await other.close();
  });

  test("cannot be opened while the server is down, and says where it looked, without the password", async () => {
    await server.kill();
    const url = server.url.replace("redis://", "redis://ada:s3cret@");
    const error: unknown = await openRedisPullCursorStore({ url, logger: silentLogger }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ ...unavailable, message: expect.stringContaining("ECONNREFUSED") });
    expect(String(error)).not.toContain("s3cret");
  });

  test("keeps what was answered through a kill of the server", async () => {
    const lease = await claim(store);
    for (let page = 0; page < 50; page += 1) await store.checkpoint(lease, `page-${page}`);
    await server.kill();
    await server.start();
    expect(await untilBack(() => store.get(source))).toBe("page-49");
    expect(await store.renew([lease], 1_000)).toEqual([true]);
  });
});
