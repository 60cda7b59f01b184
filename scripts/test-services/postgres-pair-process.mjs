// Watches over a Postgres primary, a synchronous replica that follows it, and an address that leads to the primary of the moment.
import { spawnSync } from "node:child_process";
import { chownSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free-port.mjs";
import { serveUntilAlone } from "./guarded-process.mjs";
import { endWith, makeData, password, serverFlags, startServer, urlOf } from "./postgres-server.mjs";
import { postgresPrograms } from "./postgres-programs.mjs";
import { makeReachableFolder, serverUser } from "./server-user.mjs";
import { startSwitchedAddress } from "./switched-address.mjs";

const replicaName = "replica";
/** A commit waits for the replica, and the replica finds what was written before it began to follow. */
const primarySettings = [`synchronous_standby_names=${replicaName}`, "synchronous_commit=on", "wal_keep_size=1GB"];

await serveUntilAlone(async () => {
  const user = serverUser();
  const folder = makeReachableFolder("statewave-postgres-pair-", user);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const programs = postgresPrograms(folder, user);
    const options = /** @type {const} */ ({ ...user, cwd: folder, env: { ...process.env, LC_ALL: "C.UTF-8" } });
    const [primaryData, replicaData] = [join(folder, "primary"), join(folder, "replica")];
    const [primaryPort, replicaPort] = [await freePort(), await freePort()];
    await makeData(programs.initdb, primaryData, options);
    copyAs(user, primaryData, replicaData);
    writeFileSync(join(replicaData, "standby.signal"), "");
    if (user.uid !== undefined && user.gid !== undefined) chownSync(join(replicaData, "standby.signal"), user.uid, user.gid);
    const primary = await startServer(programs.postgres, serverFlags(primaryData, primaryPort, primarySettings), options);
    const follows = `host=127.0.0.1 port=${primaryPort} user=postgres password=${password} application_name=${replicaName}`;
    const replicaFlags = serverFlags(replicaData, replicaPort, [`primary_conninfo=${follows}`]);
    const replica = await startServer(programs.postgres, replicaFlags, options);
    const address = await startSwitchedAddress(primaryPort);
    return {
      url: urlOf(address.port),
      crash: async () => {
        address.leadTo(undefined);
        await endWith(primary, "SIGQUIT");
        const promoted = spawnSync(programs.pg_ctl, ["promote", "--wait", `--pgdata=${replicaData}`], {
          ...options,
          encoding: "utf8",
        });
        if (promoted.status !== 0) throw new Error(`the replica was not promoted: ${promoted.stderr}`);
        address.leadTo(replicaPort);
      },
      stop: async () => {
        address.close();
        await Promise.all([endWith(primary, "SIGINT"), endWith(replica, "SIGINT")]);
        remove();
      },
    };
  } catch (error) {
    remove();
    throw new Error(`the pair of Postgres servers did not start: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
});

/** The data of a cluster that was never started, with its owner and its modes. @param {import("./server-user.mjs").ServerUser} user @param {string} from @param {string} to */
function copyAs(user, from, to) {
  const copied = spawnSync("cp", ["-a", from, to], { ...user, encoding: "utf8" });
  if (copied.status !== 0) throw new Error(copied.stderr);
}
