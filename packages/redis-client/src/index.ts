export { connectRedis, type ConnectRedisOptions, loadDriver, type RedisClient } from "./connect-redis.ts";
export { type Durability, readDurability } from "./durability.ts";
export { redisClusterKeyPrefix, redisKeyPrefix, redisRequireDurable, redisUrl } from "./options.ts";
export { isPassingAnswer, type RedisArea, toRedisError } from "./redis-error.ts";
export { serverCertificateExpiresAtMs } from "./watch-certificate.ts";
export { RedisScripts, type Script } from "./redis-scripts.ts";
