import { ConnectorsError, type OpenCursorStore } from "@statewave-connectors/connector-sdk";
import { openRedisPullCursorStore } from "./open-redis-pull-cursor-store.ts";

/** What `[runner.state] kind = "redis"` opens. Options `url`, `key_prefix` and `require_durable`. */
export const openCursorStore: OpenCursorStore = async (options, { logger }) => {
  const { url, key_prefix: keyPrefix, require_durable: requireDurable } = options;
  for (const [name, value] of Object.entries({ url, key_prefix: keyPrefix })) {
    if (value === undefined || typeof value === "string") continue;
    throw new ConnectorsError({
      code: "STORE_OPTION_INVALID",
      message: `[runner.state] ${name} must be a text.`,
      hint: 'For example url = "${REDIS_URL}" and key_prefix = "statewave_runner:".',
    });
  }
  return openRedisPullCursorStore({
    url: url as string | undefined,
    keyPrefix: keyPrefix as string | undefined,
    requireDurable: requireDurable === true,
    logger,
  });
};
