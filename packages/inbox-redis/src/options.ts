import { redisKeyPrefix, redisRequireDurable, redisUrl } from "@statewave-connectors/redis-client";
import * as v from "valibot";

/** What `[runner.inbox] kind = "redis"` takes. */
export const redisInboxOptions = v.strictObject({
  url: redisUrl,
  key_prefix: redisKeyPrefix,
  require_durable: redisRequireDurable,
});

export type RedisInboxOptions = v.InferOutput<typeof redisInboxOptions>;
