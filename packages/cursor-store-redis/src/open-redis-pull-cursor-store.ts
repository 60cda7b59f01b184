import { type CursorStore, type Logger, silentLogger } from "@statewave-connectors/connector-sdk";
import { checkKeyPrefix, connectRedis, readDurability, type RedisClient, toRedisError } from "@statewave-connectors/redis-client";
import { RedisCursorStore } from "./redis-cursor-store.ts";

const area = "STORE";
/** Well below the lease's ttl, so that a renewal can be tried again. */
const answerWithinMs = 4_000;

export type RedisPullCursorStoreOptions = {
  /** Begins every key; the cursors lie in the hash `<keyPrefix>cursors`. On a cluster a hash tag such as `{run}:`. Default `statewave_runner:`. */
  readonly keyPrefix?: string | undefined;
  /** Refuse a server whose settings could lose a cursor. */
  readonly requireDurable?: boolean;
  readonly logger?: Logger;
} & (
  | { /** `redis://…`, or `rediss://…` for TLS. */ readonly url: string | undefined; readonly client?: never }
  | { /** A client of yours, which stays open when the store is closed. */ readonly client: RedisClient; readonly url?: never }
);

/**
 * Opens the cursors and leases that lie in a Redis server or cluster, for any number of processes.
 *
 * @throws ConnectorsError `STORE_UNAVAILABLE` when the server cannot be reached, `STORE_ACCESS_DENIED` when it does not let us in,
 * `STORE_NOT_DURABLE` with `requireDurable`, `STORE_DRIVER_MISSING` without `ioredis`, `STORE_OPTION_INVALID`.
 * @example
 * const store = await openRedisPullCursorStore({ url: "redis://localhost:6379" });
 */
export async function openRedisPullCursorStore(options: RedisPullCursorStoreOptions): Promise<CursorStore> {
  const { keyPrefix = "statewave_runner:", requireDurable = false, logger = silentLogger } = options;
  checkKeyPrefix(area, keyPrefix, options.client?.isCluster === true);
  const client = options.client ?? (await connectRedis({ area, url: options.url, logger, answerWithinMs }));
  const end = options.client === undefined ? () => client.disconnect() : () => undefined;
  try {
    // The keys have no time to live.
    const stake = { area, what: "cursors", keysExpire: false } as const;
    const { durability } = await readDurability(client, { ...stake, required: requireDurable, logger });
    return new RedisCursorStore({ client, keyPrefix, durability, end });
  } catch (error) {
    end();
    throw toRedisError(area, error);
  }
}
