export { connectRedis, type ConnectRedisOptions, type RedisClient } from "./connect-redis.ts";
export { type Durability, readDurability } from "./durability.ts";
export { checkKeyPrefix } from "./key-prefix.ts";
export { type RedisArea, toRedisError } from "./redis-error.ts";
export { RedisScripts, type Script } from "./redis-scripts.ts";
