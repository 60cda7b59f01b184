import { once } from "node:events";
import { type Logger, Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { startTcpProxy } from "@statewave-connectors/testing/servers";
import { describe, expect, test } from "vitest";
import { connectRedis } from "../src/index.ts";

const testUrl = process.env["TEST_REDIS_URL"] ?? "";

function recording(): { readonly logger: Logger; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const note = (message: string) => void lines.push(message);
  return { logger: { ...silentLogger, warn: note, info: note }, lines };
}

describe.skipIf(testUrl === "")("what is logged of a connection to Redis", () => {
  test("is nothing when it is closed on purpose", async () => {
    const { logger, lines } = recording();
    const client = await connectRedis({ area: "STORE", url: new Secret(testUrl), logger, answerWithinMs: 400 });
    const ended = once(client, "end");
    client.disconnect();
    await ended;
    expect(lines).toEqual([]);
  });

  test("is its loss and its return, once each", async () => {
    const proxy = await startTcpProxy(testUrl);
    const { logger, lines } = recording();
    const client = await connectRedis({ area: "STORE", url: new Secret(proxy.url), logger, answerWithinMs: 400 });
    const back = once(client, "ready");
    proxy.cut();
    await back;
    expect(lines).toEqual(["lost the connection to Redis; connecting again", "connected to Redis again"]);
    client.disconnect();
    await proxy.close();
  });
});
