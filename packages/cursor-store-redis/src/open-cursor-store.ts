import { defineCursorStore } from "@statewave-connectors/connector-sdk/store";
import { isPassingAnswer } from "@statewave-connectors/redis-client";
import { openRedisPullCursorStore } from "./open-redis-pull-cursor-store.ts";
import { redisStoreOptions } from "./options.ts";
import { surveyCursorHash } from "./survey-cursor-hash.ts";

/** What `[runner.state] kind = "redis"` opens. */
export const openCursorStore = defineCursorStore({
  config: redisStoreOptions,
  livesIn: "server",
  isPassing: isPassingAnswer,
  open: ({ url, key_prefix: keyPrefix, require_durable: requireDurable }, { logger }) =>
    openRedisPullCursorStore({ url, keyPrefix, requireDurable, logger }),
  survey: ({ url, key_prefix: keyPrefix }, { logger }) => surveyCursorHash({ url, keyPrefix, logger }),
});
