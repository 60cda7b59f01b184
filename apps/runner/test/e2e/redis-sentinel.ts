import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startRedisServer } from "@statewave-connectors/testing/servers";
import { Redis } from "ioredis";
import { until } from "./until.ts";
import type { Ending } from "./workspace.ts";

/** A primary, its replica, a Sentinel that watches them, and an address that leads to the primary of the moment. */
export interface WatchedRedis {
  readonly url: string;
  /** Resolves when the replica has everything that was written. */
  replicated(): Promise<void>;
  /** Kills the primary; resolves when the Sentinel has promoted the replica. */
  failOver(): Promise<void>;
}

const name = "state";

export async function startWatchedRedis({ onTestFinished }: Ending): Promise<WatchedRedis> {
  const primary = await startRedisServer();
  onTestFinished(() => primary.stop());
  const { hostname, port } = new URL(primary.url);
  const replica = await startRedisServer(["--replicaof", hostname, port]);
  onTestFinished(() => replica.stop());
  const client = new Redis(primary.url, { retryStrategy: () => null });
  client.on("error", () => undefined);
  await until("the replica follows", async () => (await client.info("replication")).includes("connected_slaves:1"));
  const sentinel = await startSentinel({ onTestFinished }, Number(port));
  onTestFinished(() => client.disconnect());
  const primaryPort = async () => Number(((await sentinel.call("SENTINEL", "get-master-addr-by-name", name)) as string[])[1]);
  await until(
    "the Sentinel knows the replica",
    async () => ((await sentinel.call("SENTINEL", "replicas", name)) as unknown[]).length > 0,
  );
  return {
    url: await startAddress({ onTestFinished }, primaryPort),
    async replicated() {
      await until("the replica has everything", async () => (await client.wait(1, 1_000)) === 1);
    },
    async failOver() {
      const before = await primaryPort();
      await primary.kill();
      await until("the Sentinel has promoted the replica", async () => (await primaryPort()) !== before);
    },
  };
}

async function startSentinel({ onTestFinished }: Ending, watchedPort: number): Promise<Redis> {
  const folder = mkdtempSync(join(tmpdir(), "redis-sentinel-"));
  const port = await freePort();
  const config = join(folder, "sentinel.conf");
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder}`,
    `sentinel monitor ${name} 127.0.0.1 ${watchedPort} 1`,
    `sentinel down-after-milliseconds ${name} 1000`,
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  const server: ChildProcess = spawn("redis-server", [config, "--sentinel"], { stdio: "ignore" });
  const client = new Redis({ port, host: "127.0.0.1" });
  client.on("error", () => undefined);
  onTestFinished(async () => {
    client.disconnect();
    const gone = once(server, "exit");
    server.kill("SIGKILL");
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });
  return client;
}

/** Leads each new connection to the primary that the Sentinel names, as a proxy or a service address does. */
async function startAddress({ onTestFinished }: Ending, primaryPort: () => Promise<number>): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer(async (socket) => {
    sockets.add(socket.on("error", () => undefined));
    const upstream = connect(await primaryPort(), "127.0.0.1");
    upstream.on("error", () => socket.destroy()).on("close", () => socket.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      upstream.destroy();
    });
    socket.pipe(upstream).pipe(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
