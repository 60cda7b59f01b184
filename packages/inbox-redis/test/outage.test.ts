import { setTimeout as delay } from "node:timers/promises";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import {
  hasRedisServer,
  type RedisServer,
  startRedisServer,
  startTcpProxy,
  type TcpProxy,
} from "@statewave-connectors/testing/servers";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { collect, event, openTestInbox } from "./test-redis.ts";

const unavailable = { code: "INBOX_UNAVAILABLE", retryable: true };

/** The inbox comes back by itself: calls it until it answers. */
async function untilBack<Value>(ask: () => Promise<Value>): Promise<Value> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isConnectorsError(error, "INBOX_UNAVAILABLE")) throw error;
      await delay(20);
    }
  }
}

describe.skipIf(!hasRedisServer())("an inbox whose Redis becomes unreachable", () => {
  let server: RedisServer;
  let proxy: TcpProxy;
  let inbox: Inbox;
  beforeEach(async () => {
    server = await startRedisServer();
    proxy = await startTcpProxy(server.url);
    inbox = await openTestInbox({ url: proxy.url });
    await inbox.accept(event("before"));
  });
  afterEach(async () => {
    await inbox.close();
    await proxy.close();
    await server.stop();
  });

  test("refuses events while the server is down, and takes and hands out again when it is back", async () => {
    const { texts, until } = collect(inbox);
    await until(1);
    await server.kill();
    for (let round = 0; round < 5; round += 1) await expect(inbox.accept(event("refused"))).rejects.toMatchObject(unavailable);
    await server.start();
    await untilBack(() => inbox.accept(event("after")));
    await until(2);
    expect(texts).toEqual(["before", "after"]);
  });

  test("refuses events when the connection is dead without an error", async () => {
    proxy.setMode("black-hole");
    await expect(inbox.accept(event("lost"))).rejects.toMatchObject(unavailable);
    proxy.setMode("open");
    expect(await untilBack(() => inbox.accept(event("after")))).toBe("fresh");
  });

  test("loses nothing that it acknowledged when the server is killed", async () => {
    await Promise.all(Array.from({ length: 200 }, (_, index) => inbox.accept(event(`event ${index}`))));
    await server.kill();
    await server.start();
    const { texts, until } = collect(inbox);
    await until(201);
    expect(new Set(texts)).toHaveLength(201);
    expect(await untilBack(() => inbox.stats())).toMatchObject({ deadLetters: [] });
  });

  test("knows an event whose answer was lost when its provider sends it again, and stores it once", async () => {
    proxy.setMode("swallow-replies");
    await expect(inbox.accept(event("once", { id: "Ev1" }))).rejects.toMatchObject(unavailable);
    proxy.cut();
    proxy.setMode("open");
    expect(await untilBack(() => inbox.accept(event("again", { id: "Ev1" })))).toBe("duplicate");
    const { texts, until } = collect(inbox);
    await until(2);
    expect(texts).toEqual(["before", "once"]);
  });

  test("continues with a server that has forgotten all scripts", async () => {
    const client = new Redis(server.url);
    await client.script("FLUSH");
    expect(await inbox.accept(event("a", { id: "a" }))).toBe("fresh");
    await client.script("FLUSH");
    expect(await inbox.accept(event("a", { id: "a" }))).toBe("duplicate");
    const { until } = collect(inbox);
    await client.script("FLUSH");
    await until(2);
    await expect.poll(() => inbox.stats()).toEqual({ depth: 0, bytes: 0, deadLetters: [] });
    client.disconnect();
  });

  test("hands an item out again whose settlement could not be stored, or has it stored when the server is back", async () => {
    const claimed = Promise.withResolvers<void>();
    const settle = Promise.withResolvers<void>();
    inbox.consume(async () => {
      claimed.resolve();
      await settle.promise;
      return { type: "done" };
    });
    await claimed.promise;
    await server.kill();
    settle.resolve();
    await server.start();
    await expect.poll(() => inbox.stats().catch(() => undefined)).toMatchObject({ depth: 0, bytes: 0 });
  });

  test("refuses events, retryable, while Redis has no memory left, and resumes by itself when it has", async () => {
    const { texts, until } = collect(inbox);
    await until(1);
    const client = new Redis(server.url);
    await client.config("SET", "maxmemory", "1");
    for (let round = 0; round < 3; round += 1) await expect(inbox.accept(event("refused"))).rejects.toMatchObject(unavailable);
    await client.config("SET", "maxmemory", "0");
    expect(await inbox.accept(event("after"))).toBe("fresh");
    await until(2);
    await expect.poll(() => inbox.stats()).toMatchObject({ depth: 0, bytes: 0 });
    expect(texts).toEqual(["before", "after"]);
    client.disconnect();
  });

  test("cannot be opened while the server is down, and shows no password", async () => {
    await server.kill();
    const url = server.url.replace("redis://", "redis://ada:s3cret@");
    const error: unknown = await openTestInbox({ url }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(unavailable);
    expect(String(error)).not.toContain("s3cret");
  });
});
