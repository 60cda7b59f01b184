// Watches over one throw-away Redis: an installed `redis-server`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "./free-port.mjs";
import { serveUntilAlone } from "./guarded-process.mjs";

await serveUntilAlone(async () => {
  const folder = await mkdtemp(join(tmpdir(), "statewave-redis-"));
  const port = await freePort();
  const start = async () => {
    const flags = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", "--save", ""];
    const server = spawn("redis-server", flags, { stdio: "ignore" });
    await once(server, "spawn");
    await untilOpen(port);
    return server;
  };
  let running = await start().catch(async (error) => {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`no redis-server on this machine (${error.message})`, { cause: error });
  });
  const end = async (/** @type {NodeJS.Signals} */ signal) => {
    const gone = once(running, "exit");
    running.kill(signal);
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    crash: async () => {
      await end("SIGKILL");
      running = await start();
    },
    stop: async () => {
      await end("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
});

/** @param {number} port */
async function untilOpen(port) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await delay(25);
  }
  throw new Error(`nothing listens on port ${port}`);
}
