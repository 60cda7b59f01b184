import { ConnectorsError, type OpenInbox } from "@statewave-connectors/connector-sdk";
import { checkKeyPrefix, connectRedis, readDurability, toRedisError } from "@statewave-connectors/redis-client";
import { doorbellWaitSeconds } from "./doorbell.ts";
import { RedisInbox } from "./redis-inbox.ts";

const area = "INBOX";
/** A webhook is answered 503 within a second when Redis no longer answers. */
const answerWithinMs = 900;

/**
 * What `[runner.inbox] kind = "redis"` opens, for any number of processes. Options `url`, `key_prefix` and `require_durable`. Throws
 * `INBOX_UNAVAILABLE` when the server cannot be reached, `INBOX_ACCESS_DENIED`, `INBOX_NOT_DURABLE`, `INBOX_DRIVER_MISSING`,
 * `INBOX_OPTION_INVALID`.
 */
export const openInbox: OpenInbox = async (options, limits, { clock, logger }) => {
  const url = textOption(options, "url");
  const keyPrefix = textOption(options, "key_prefix") ?? "statewave_runner:";
  checkKeyPrefix(area, keyPrefix, false);
  const client = await connectRedis({ area, url, logger, answerWithinMs });
  try {
    // Remembered ids and locks have a time to live.
    const stake = { area, what: "events", keysExpire: true } as const;
    const { durability } = await readDurability(client, { ...stake, required: options["require_durable"] === true, logger });
    // Behind a wait at the doorbell every answer is late.
    const connectDoorbell = () => connectRedis({ area, url, logger, answerWithinMs: doorbellWaitSeconds * 1_000 + 3_000 });
    const inbox = new RedisInbox({ client, connectDoorbell, keyPrefix, limits, durability, clock, logger });
    await inbox.opened();
    return inbox;
  } catch (error) {
    client.disconnect();
    throw toRedisError(area, error);
  }
};

function textOption(options: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = options[name];
  if (value === undefined || typeof value === "string") return value;
  throw new ConnectorsError({
    code: "INBOX_OPTION_INVALID",
    message: `[runner.inbox] ${name} must be a text.`,
    hint: 'For example url = "${REDIS_URL}" and key_prefix = "statewave_runner:".',
  });
}
