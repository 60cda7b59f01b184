import type { AdapterContext, InboxLimits } from "@statewave-connectors/connector-sdk";
import { connectRedis, readDurability, toRedisError } from "@statewave-connectors/redis-client";
import { doorbellWaitSeconds } from "./doorbell.ts";
import type { RedisInboxOptions } from "./options.ts";
import { RedisInbox } from "./redis-inbox.ts";

const area = "INBOX";
/** A webhook is answered 503 within a second when Redis no longer answers. */
const answerWithinMs = 900;

/** The inbox on BullMQ, connected. */
export async function openRedisInbox(
  { url, key_prefix: keyPrefix, require_durable: required }: RedisInboxOptions,
  limits: InboxLimits,
  { clock, logger }: AdapterContext,
): Promise<RedisInbox> {
  const client = await connectRedis({ area, url, logger, answerWithinMs });
  try {
    // Remembered ids and locks have a time to live.
    const stake = { area, what: "events", keysExpire: true } as const;
    const { durability } = await readDurability(client, { ...stake, required, logger });
    // Behind a wait at the doorbell every answer is late.
    const connectDoorbell = () => connectRedis({ area, url, logger, answerWithinMs: doorbellWaitSeconds * 1_000 + 3_000 });
    const inbox = new RedisInbox({ client, connectDoorbell, keyPrefix, limits, durability, clock, logger });
    await inbox.opened();
    return inbox;
  } catch (error) {
    client.disconnect();
    throw toRedisError(area, error);
  }
}
