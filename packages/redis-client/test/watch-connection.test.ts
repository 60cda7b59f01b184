import { once } from "node:events";
import { Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { startTcpProxy, type TcpProxy } from "@statewave-connectors/testing/servers";
import type { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectRedis, toRedisError } from "../src/index.ts";

const testUrl = process.env["TEST_REDIS_URL"] ?? "";
/** A busy machine answers later than a quiet one. */
const answerWithinMs = 1_000;

describe.skipIf(testUrl === "")("a connection to a Redis server", () => {
  let proxy: TcpProxy;
  let client: Redis;
  beforeEach(async () => {
    proxy = await startTcpProxy(testUrl);
    client = await connectRedis({ area: "STORE", url: new Secret(proxy.url), logger: silentLogger, answerWithinMs });
  });
  afterEach(async () => {
    client.disconnect();
    await proxy.close();
  });

  test.each(["black-hole", "swallow-replies"] as const)(
    "is given up when the server falls silent (%s), and made anew",
    async (mode) => {
      proxy.setMode(mode);
      const refusal = client.get("x").catch((error: unknown) => toRedisError("STORE", error));
      expect(await refusal).toMatchObject({ code: "STORE_UNAVAILABLE", retryable: true });
      proxy.setMode("open");
      if (client.status !== "ready") await once(client, "ready");
      expect(await client.ping()).toBe("PONG");
    },
  );

  test("is not taken for silent when this process stands still for longer", async () => {
    const lost: unknown[] = [];
    client.on("close", () => lost.push("close"));
    for (let round = 0; round < 2; round += 1) {
      const answer = client.ping();
      const untilMs = performance.now() + 2 * answerWithinMs;
      // Nothing of this process runs meanwhile: the answer lies in the socket, and every timer is overdue.
      while (performance.now() < untilMs);
      expect(await answer).toBe("PONG");
    }
    expect(lost).toEqual([]);
  });

  test("is left alone while it is quiet", async () => {
    const lost: unknown[] = [];
    client.on("close", () => lost.push("close"));
    // A few of its own questions, each answered.
    await expect.poll(() => proxy.received().toString().match(/ping/gi)?.length ?? 0).toBeGreaterThan(3);
    expect(lost).toEqual([]);
  });
});
