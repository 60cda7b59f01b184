import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "./free-port.ts";

/** A Redis of one's own, for tests that kill it or change its settings. */
export interface RedisServer {
  readonly url: string;
  /** Kills it with SIGKILL; its port refuses connections from then on. */
  kill(): Promise<void>;
  /** Starts it again on its port, with what its append-only file holds. */
  start(): Promise<void>;
  /** Kills it and removes its data. */
  stop(): Promise<void>;
}

/** Whether this machine has a `redis-server`. With CI=true it must. */
export function hasRedisServer(): boolean {
  const found = spawnSync("redis-server", ["--version"], { stdio: "ignore" }).error === undefined;
  if (!found && process.env["CI"] === "true") throw new Error("no redis-server on this machine, and CI=true");
  return found;
}

/** Starts the installed `redis-server` on a free port; it dies with this process. `flags` are its settings, e.g. `["--appendonly", "no"]`. */
export async function startRedisServer(flags: readonly string[] = []): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "redis-server-"));
  const port = await freePort();
  const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes", ...flags];
  let shell: ChildProcess | undefined;
  const start = async () => {
    // The shell kills the server when its input ends, which it also does when this process is killed.
    const script = 'redis-server "$@" & read -r _; kill -9 $!; wait $!';
    shell = spawn("sh", ["-c", script, "sh", ...settings], { stdio: ["pipe", "ignore", "ignore"] });
    await untilAnswering(port);
  };
  const kill = async () => {
    if (shell === undefined) return;
    const gone = once(shell, "exit");
    shell.stdin?.end();
    shell = undefined;
    await gone;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    start,
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** While it loads its data it listens already, but answers with an error. */
async function untilAnswering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const socket = connect(port, "127.0.0.1");
    const answer = await new Promise<string>((resolve) => {
      socket.once("connect", () => socket.write("PING\r\n"));
      socket.once("data", (data) => resolve(data.toString()));
      for (const end of ["error", "close"]) socket.once(end, () => resolve(""));
    });
    socket.destroy();
    // One that requires a password, or its primary, is there too.
    if (/^[+-]/.test(answer) && !answer.startsWith("-LOADING")) return;
    await delay(25);
  }
  throw new Error(`redis-server does not answer on port ${port}`);
}
