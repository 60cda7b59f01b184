// Watches over one throw-away Redis: an installed `redis-server`, one from Debian's packages, or a container.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { provideDebianProgram } from "./debian-program.mjs";
import { freePort } from "./free-port.mjs";
import { serveUntilAlone } from "./guarded-process.mjs";

const image = "redis:7-alpine";
const flags = ["--appendonly", "yes", "--save", ""];

await serveUntilAlone(async () => {
  const folder = await mkdtemp(join(tmpdir(), "statewave-redis-"));
  const port = await freePort();
  /** @type {import("node:child_process").ChildProcess} */
  let running;
  const start = async () => {
    const launch = await chooseLaunch(folder, port);
    running = spawn(launch.command, launch.args, { stdio: "ignore" });
    await Promise.race([once(running, "spawn").then(() => untilAnswering(port)), endOf(running)]);
  };
  const end = async (/** @type {NodeJS.Signals} */ signal) => {
    const gone = once(running, "exit");
    // A signal to the Docker client would not reach the container, or would leave it behind.
    if (running.spawnfile === "docker") await succeeds("docker", ["kill", `--signal=${signal}`, containerName(port)]);
    else running.kill(signal);
    await gone;
  };
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  await start().catch(async (error) => {
    running?.kill("SIGKILL");
    await removeFolder();
    throw new Error(`Redis did not start: ${error.message}`, { cause: error });
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    crash: async () => {
      await end("SIGKILL");
      await start();
    },
    stop: async () => {
      await end("SIGTERM");
      await removeFolder();
    },
  };
});

/**
 * How a server is started here; rejects when it cannot be.
 * @param {string} folder
 * @param {number} port
 * @returns {Promise<{ command: string, args: readonly string[] }>}
 */
async function chooseLaunch(folder, port) {
  const problem = provideDebianProgram("redis-server");
  if (problem === undefined) {
    return { command: "redis-server", args: ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, ...flags] };
  }
  // The folder outlives a container, so that a crashed server finds its data again; the user is ours, so that we may remove it.
  const place = ["--name", containerName(port), "-p", `127.0.0.1:${port}:6379`, "-v", `${folder}:/data`];
  const user = ["--user", `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`];
  if (await succeeds("docker", ["info"])) {
    return { command: "docker", args: ["run", "--rm", ...user, ...place, image, "redis-server", ...flags] };
  }
  throw new Error(`${problem}, and no Docker`);
}

/** @param {number} port */
function containerName(port) {
  return `statewave-test-redis-${port}`;
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
async function succeeds(command, args) {
  const child = spawn(command, args, { stdio: "ignore" });
  const [code] = await once(child, "exit").catch(() => [1]);
  return code === 0;
}

/** @param {import("node:child_process").ChildProcess} child */
async function endOf(child) {
  const [code] = await once(child, "exit");
  throw new Error(`redis-server ended with ${code}`);
}

/**
 * Until the server answers a PING: while it loads its data it listens already, but answers with an error.
 * @param {number} port
 */
async function untilAnswering(port) {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const socket = connect(port, "127.0.0.1");
    const answer = await new Promise((resolve) => {
      socket.once("connect", () => socket.write("PING\r\n"));
      socket.once("data", (data) => resolve(data.toString()));
      for (const end of ["error", "close"]) socket.once(end, () => resolve(""));
    });
    socket.destroy();
    if (answer.startsWith("+PONG")) return;
    await delay(25);
  }
  throw new Error(`nothing answers on port ${port}`);
}
