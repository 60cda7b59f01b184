export { openCursorStore } from "./open-cursor-store.ts";
export { openRedisPullCursorStore, type RedisPullCursorStoreOptions } from "./open-redis-pull-cursor-store.ts";
