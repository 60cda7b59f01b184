import { ConnectorsError, type Logger, type Secret } from "@statewave-connectors/connector-sdk";
import type { Cluster, Redis, RedisOptions } from "ioredis";
import { gatherWrites } from "./gather-writes.ts";
import { lookAtServer } from "./look-at-server.ts";
import { dropArguments, type RedisArea, redisAnswer, toRedisError } from "./redis-error.ts";
import { watchCertificate } from "./watch-certificate.ts";
import { watchConnection } from "./watch-connection.ts";

/** A client of one server, or of a cluster. */
export type RedisClient = Redis | Cluster;

/**
 * Every command is answered or refused within a deadline. Nothing waits for an unreachable server, and nothing is sent a second time: after
 * a lost connection only the caller knows whether its question still stands.
 */
const clientOptions = {
  lazyConnect: true,
  // It waits silently while the server loads; a command is answered with the reason.
  enableReadyCheck: false,
  connectTimeout: 3_000,
  keepAlive: 10_000,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  retryStrategy: (times: number) => Math.min(1_000, 50 * 2 ** Math.min(times, 10)),
  // After a failover the old primary may live on as a replica.
  reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
  connectionName: "statewave-connectors",
} satisfies RedisOptions;

export interface ConnectRedisOptions {
  readonly area: RedisArea;
  /** What `redisUrl` checks. */
  readonly url: Secret;
  readonly logger: Logger;
  /** A server that is silent for longer counts as gone: open commands are refused, and the connection is made again. */
  readonly answerWithinMs: number;
  /** How long a closed connection waits for the server to close it, too. Default 2,000: a blocking command holds it up that long. */
  readonly closeWithinMs?: number;
}

/**
 * Connects with `ioredis`, which is imported only now, and reconnects by itself for as long as the client is not closed.
 * Throws `…_UNAVAILABLE` or `…_ACCESS_DENIED` when there is no connection, `…_DRIVER_MISSING`.
 */
export async function connectRedis(options: ConnectRedisOptions): Promise<Redis> {
  const { area, url, logger, answerWithinMs, closeWithinMs: disconnectTimeout } = options;
  const Driver = await loadDriver(area);
  const client = new Driver(url.reveal(), {
    ...clientOptions,
    ...(disconnectTimeout === undefined ? {} : { disconnectTimeout }),
  });
  watchConnection(client, answerWithinMs);
  gatherWrites(client);
  let lastError: unknown;
  let wasReady = false;
  client.on("error", (error) => {
    dropArguments(error);
    lastError = error;
  });
  // Unlike "close", it does not come when we close it ourselves.
  client.on("reconnecting", () => {
    if (wasReady) logger.warn("lost the connection to Redis; connecting again", { error: lastError });
    wasReady = false;
  });
  try {
    await client.connect();
    await client.ping();
    // The driver uses database 0 when there is none of that number.
    if ((client.options.db ?? 0) !== 0) await client.select(client.options.db ?? 0);
  } catch (error) {
    client.disconnect();
    throw toRedisError(area, await reasonOfRefusal(client, redisAnswer(error) === undefined ? (lastError ?? error) : error));
  }
  wasReady = true;
  watchCertificate(client);
  client.on("ready", () => {
    logger.info("connected to Redis again");
    wasReady = true;
  });
  client.on("end", () => (wasReady = false));
  return client;
}

/** Why there is no connection: the server's own words where there are some, else what the driver reports. */
async function reasonOfRefusal(client: Redis, error: unknown): Promise<unknown> {
  const { host = "localhost", port = 6379, path, tls } = client.options;
  if (redisAnswer(error) !== undefined || (path ?? "") !== "") return error;
  return (await lookAtServer({ host, port, wantsTls: tls !== undefined })) ?? error;
}

/** Imports `ioredis`. Throws `…_DRIVER_MISSING` with the line that installs it. */
export async function loadDriver(area: RedisArea): Promise<typeof Redis> {
  try {
    return (await import("ioredis")).Redis;
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
    throw new ConnectorsError({
      code: `${area}_DRIVER_MISSING`,
      message: isMissing ? 'the package "ioredis" is not installed' : 'the package "ioredis" cannot be loaded',
      hint: "npm install ioredis",
      cause,
    });
  }
}
