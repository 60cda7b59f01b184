import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "./free-port.ts";

/** A connection pooler in front of a Postgres server. */
export interface PgBouncer {
  /** The server's URL with the pooler's address in it. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Whether this machine has PgBouncer; where it has not, says once which tests are left out. */
export function hasPgBouncer(): boolean {
  const found = spawnSync("pgbouncer", ["--version"], { stdio: "ignore", env: environment }).error === undefined;
  if (!found) process.stderr.write("\nSKIPPING TESTS: no pgbouncer on this machine (apt-get install pgbouncer)\n");
  return found;
}

/** Debian puts it where only root's shells look. */
const environment = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin` };

/**
 * Starts PgBouncer in transaction mode on a free port, with its own defaults for everything else: what a session sets or prepares may be
 * gone at the next transaction. It dies with this process.
 *
 * @param serverConnections Fewer than the clients have, so that they do take turns.
 * @param settings Lines that replace or add to its settings, such as `max_client_conn = 1`.
 */
export async function startPgBouncer(url: string, serverConnections = 4, settings: readonly string[] = []): Promise<PgBouncer> {
  const { hostname, port: serverPort, pathname, username, password } = new URL(url);
  const folder = await mkdtemp(join(tmpdir(), "pgbouncer-"));
  const port = await freePort();
  await writeFile(join(folder, "users.txt"), `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`);
  await writeFile(
    join(folder, "pgbouncer.ini"),
    `[databases]
${pathname.slice(1)} = host=${hostname} port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, "users.txt")}
pool_mode = transaction
default_pool_size = ${serverConnections}
${settings.join("\n")}
`,
  );
  // It refuses to run as root, and reads its files after it has become another user.
  await chmod(folder, 0o755);
  const asNobody = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  // The shell kills it when its own input ends, which it also does when this process is killed.
  const script = 'pgbouncer -q "$@" & read -r _; kill -9 $!; wait $!';
  const shell = spawn("sh", ["-c", script, "sh", ...asNobody, join(folder, "pgbouncer.ini")], {
    stdio: ["pipe", "ignore", "ignore"],
    env: environment,
  });
  const pooled = new URL(url);
  pooled.hostname = "127.0.0.1";
  pooled.port = `${port}`;
  await untilListening(port);
  return {
    url: pooled.href,
    stop: async () => {
      const gone = once(shell, "exit");
      shell.stdin.end();
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const socket = connect(port, "127.0.0.1");
    const isListening = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isListening === true) return;
    await delay(25);
  }
  throw new Error(`pgbouncer does not listen on port ${port}`);
}
