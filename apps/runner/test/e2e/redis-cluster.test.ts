import { hasRedisServer, startRedisServer } from "@statewave-connectors/testing/servers";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { until } from "./until.ts";
import { configName, configText, type Ending, makeWorkspace } from "./workspace.ts";

async function startCluster({ onTestFinished }: Ending, options: string) {
  const server = await startRedisServer(["--cluster-enabled", "yes"]);
  onTestFinished(() => server.stop());
  const client = new Redis(server.url);
  onTestFinished(() => client.disconnect());
  await client.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
  await until("the cluster is up", async () => String(await client.call("CLUSTER", "INFO")).includes("cluster_state:ok"));
  const workspace = makeWorkspace({ onTestFinished });
  const text = configText({ statewaveUrl: "http://127.0.0.1:9", state: "redis" });
  await workspace.write(configName, text.replace('kind = "redis"', `kind = "redis"\nurl = "${server.url}"\n${options}`));
  await workspace.write("docs/empty.txt", "");
  return { workspace, client };
}

describe.skipIf(!hasRedisServer())("a node of a Redis Cluster", () => {
  it("is refused with a sentence and a hint, and nothing is stored there", async (test) => {
    const { workspace, client } = await startCluster(test, "");
    const { code, stderr } = await workspace.command("run");
    expect(code).toBe(4);
    expect(stderr).toMatch(/^error: the Redis server is one node of a cluster, .*\[STORE_QUERY_FAILED\]\nhint: .+\n$/m);
    expect(await client.dbsize()).toBe(0);
  });

  it("serves as state with a hash tag as the prefix", async (test) => {
    const { workspace } = await startCluster(test, 'key_prefix = "{statewave_runner}:"');
    const runner = await workspace.run();
    await until("it is ready", async () => (await runner.readiness()).status === 200);
    expect((await runner.terminate()).code).toBe(0);
  });
});
