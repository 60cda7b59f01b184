import type { Logger, Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { checkOptions } from "@statewave-connectors/connector-sdk/options";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { connectRedis, readDurability, type RedisClient, toRedisError } from "@statewave-connectors/redis-client";
import * as v from "valibot";
import { redisClusterStoreOptions, redisStoreOptions } from "./options.ts";
import { RedisCursorStore } from "./redis-cursor-store.ts";

const area = "STORE";
/** Well below the lease's ttl, so that a renewal can be tried again. */
const answerWithinMs = 4_000;

export type RedisPullCursorStoreOptions = {
  /** Begins every key; the cursors lie in the hash `<keyPrefix>cursors`. On a cluster a hash tag such as `{run}:`. Default `statewave_runner:`. */
  readonly keyPrefix?: string | undefined;
  /** Refuse a server whose settings could lose a cursor. */
  readonly requireDurable?: boolean | undefined;
  readonly logger?: Logger;
} & (
  | { /** `redis://…`, or `rediss://…` for TLS. */ readonly url: string | Secret; readonly client?: never }
  | { /** A client of yours, which stays open when the store is closed. */ readonly client: RedisClient; readonly url?: never }
);

/**
 * Opens the cursors and leases that lie in a Redis server or cluster, for any number of processes.
 *
 * @throws ConnectorsError `STORE_UNAVAILABLE` when the server cannot be reached, `STORE_ACCESS_DENIED` when it does not let us do this,
 * `STORE_NOT_DURABLE` with `requireDurable`, `STORE_DRIVER_MISSING` without `ioredis`, `STORE_OPTION_INVALID`.
 * @example
 * const store = await openRedisPullCursorStore({ url: "redis://localhost:6379" });
 */
export async function openRedisPullCursorStore(options: RedisPullCursorStoreOptions): Promise<CursorStore> {
  const { url, keyPrefix, requireDurable, logger = silentLogger } = options;
  const given = { url, key_prefix: keyPrefix, require_durable: requireDurable };
  const checked = await checkOptions(area, schemaFor(options.client), given);
  const client = options.client ?? (await connectRedis({ area, url: checked.url!, logger, answerWithinMs }));
  const end = options.client === undefined ? () => client.disconnect() : () => undefined;
  try {
    // The keys have no time to live.
    const stake = { area, what: "cursors", keysExpire: false } as const;
    const { durability } = await readDurability(client, { ...stake, required: checked.require_durable, logger });
    const store = new RedisCursorStore({ client, keyPrefix: checked.key_prefix, durability, end });
    // What is missing shows now and not at the first run.
    await store.probe();
    return store;
  } catch (error) {
    end();
    throw toRedisError(area, error);
  }
}

/** With a client of the caller's own there is nothing to connect to. */
function schemaFor(client: RedisClient | undefined) {
  if (client === undefined) return redisStoreOptions;
  return v.partial(client.isCluster ? redisClusterStoreOptions : redisStoreOptions, ["url"]);
}
