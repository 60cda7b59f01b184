import { redisClusterKeyPrefix, redisKeyPrefix, redisRequireDurable, redisUrl } from "@statewave-connectors/redis-client";
import * as v from "valibot";

/** What `[runner.state] kind = "redis"` takes. */
export const redisStoreOptions = v.strictObject({
  url: redisUrl,
  key_prefix: redisKeyPrefix,
  require_durable: redisRequireDurable,
});

/** The same for a client of a cluster, which only code can hand over. */
export const redisClusterStoreOptions = v.strictObject({ ...redisStoreOptions.entries, key_prefix: redisClusterKeyPrefix });
