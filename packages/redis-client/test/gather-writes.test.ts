import { once } from "node:events";
import { Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { startTcpProxy } from "@statewave-connectors/testing/servers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { connectRedis } from "../src/index.ts";

const testUrl = process.env["TEST_REDIS_URL"] ?? "";

async function connect(url = testUrl) {
  const client = await connectRedis({ area: "STORE", url: new Secret(url), logger: silentLogger, answerWithinMs: 1_000 });
  onTestFinished(() => client.disconnect());
  return client;
}

describe.skipIf(testUrl === "")("a client of Redis", () => {
  test("sends the commands of one turn in one write, and each is answered", async () => {
    const client = await connect();
    const single = vi.spyOn(client.stream, "_write");
    const gathered = vi.spyOn(client.stream, "_writev" as never);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => client.echo(String(index))));
    expect(answers).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
    expect(single).not.toHaveBeenCalled();
    expect(gathered).toHaveBeenCalledOnce();
  });

  test("answers a script, a pipeline and a transaction as before", async () => {
    const client = await connect();
    const [script, pipeline, transaction] = await Promise.all([
      client.eval("return ARGV[1]", 0, "one"),
      client.pipeline().echo("two").echo("three").exec(),
      client.multi().echo("four").exec(),
    ]);
    expect([script, pipeline, transaction]).toEqual([
      "one",
      [
        [null, "two"],
        [null, "three"],
      ],
      [[null, "four"]],
    ]);
  });

  test("refuses what was still gathered when the connection breaks, and continues with the next one", async () => {
    const proxy = await startTcpProxy(testUrl);
    onTestFinished(() => proxy.close());
    const client = await connect(proxy.url);
    const asked = client.echo("lost");
    client.stream.destroy();
    await expect(asked).rejects.toThrow("max retries per request");
    await once(client, "ready");
    expect(await client.echo("here")).toBe("here");
  });
});
