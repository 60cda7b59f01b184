import { ConnectorsError, type Logger, type Secret } from "@statewave-connectors/connector-sdk";
import { certificateExpiresAtMs } from "@statewave-connectors/connector-sdk/host";
import { isSecret, revealed } from "@statewave-connectors/connector-sdk/secrets";
import type { Pool, PoolClient, PoolConfig } from "pg";
import { Postgres } from "./postgres.ts";
import type { PostgresArea } from "./postgres-error.ts";
import type { PostgresPool } from "./sql-client.ts";

export interface OpenPostgresOptions {
  readonly area: PostgresArea;
  /** What `postgresUrl` checks, or connections of the caller's own, which are not closed by us. */
  readonly server: string | Secret | PostgresPool;
  readonly maxConnections: number;
  /** How long a connection and how long a statement may take. */
  readonly timeoutMs: number;
  /** How long `close` waits for what is under way. Default: a little longer than a statement may take. */
  readonly drainMs?: number;
  readonly logger: Logger;
}

const keepAliveAfterMs = 10_000;
/** A renewed certificate, and another server behind the same address, are seen within a day. */
const longestLifeSeconds = 24 * 60 * 60;

/** A pool on `pg`, which is imported only now. Nothing is sent yet. Throws `…_DRIVER_MISSING` when `pg` is not installed. */
export async function openPostgres(options: OpenPostgresOptions): Promise<Postgres> {
  const { area, server, maxConnections, timeoutMs, drainMs = 2 * timeoutMs, logger } = options;
  if (typeof server !== "string" && !isSecret(server)) return new Postgres({ area, pool: server, drainMs });
  const driver = await importDriver(area);
  const own = new driver.Pool({
    ...connectionConfig(timeoutMs),
    connectionString: withExplicitSslMode(revealed(server)),
    max: maxConnections,
  });
  // An idle connection that breaks is replaced when one is needed; unheard, its error would end the process.
  own.on("error", (error) => logger.debug("a connection to Postgres broke", { error }));
  let certificate: number | undefined;
  own.on("connect", (client) => (certificate = certificateExpiresAtMs(streamOf(client))));
  const endPool = () => own.end();
  return new Postgres({ area, pool: own, drainMs, endPool, certificateExpiresAtMs: () => certificate });
}

/** With TLS a `TLSSocket`. Not among `pg`'s types. */
function streamOf(client: PoolClient): unknown {
  return (client as PoolClient & { readonly connection?: { readonly stream?: unknown } }).connection?.stream;
}

/**
 * `pg` 8 takes prefer, require and verify-ca for verify-full, and prints six lines about it at each start; later releases will check less
 * for the same word. Unless the url requests libpq's meaning, it is spelt out.
 */
function withExplicitSslMode(url: string): string {
  if (/[?&]uselibpqcompat=true(&|$)/.test(url)) return url;
  return url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, "$1verify-full");
}

/**
 * Timeouts are kept on this side: sent as parameters of the session (`statement_timeout`), a pooler in transaction mode would refuse
 * the connection or lose them.
 */
function connectionConfig(timeoutMs: number): PoolConfig {
  return {
    application_name: "statewave-connectors",
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    maxLifetimeSeconds: longestLifeSeconds,
    // A pool that was forgotten keeps no process running.
    allowExitOnIdle: true,
  };
}

async function importDriver(area: PostgresArea): Promise<{ readonly Pool: typeof Pool }> {
  try {
    return await import("pg");
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
    throw new ConnectorsError({
      code: `${area}_DRIVER_MISSING`,
      message: isMissing ? 'the package "pg" is not installed' : 'the package "pg" cannot be loaded',
      hint: "npm install pg",
      cause,
    });
  }
}
