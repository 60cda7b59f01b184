import type { InboxLimits, AdapterContext } from "@statewave-connectors/connector-sdk/inbox";
import { connectRedis, readDurability, toRedisError } from "@statewave-connectors/redis-client";
import { doorbellWaitSeconds } from "./doorbell.ts";
import type { RedisInboxOptions } from "./options.ts";
import { RedisInbox } from "./redis-inbox.ts";

const area = "INBOX";
/** A webhook is answered 503 within a second when Redis no longer answers. */
const answerWithinMs = 900;
/** Nothing that waits at the doorbell is lost when its connection is cut. */
const doorbellCloseMs = 20;

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
    const doorbell = { answerWithinMs: doorbellWaitSeconds * 1_000 + 3_000, closeWithinMs: doorbellCloseMs };
    const connectDoorbell = () => connectRedis({ area, url, logger, ...doorbell });
    const inbox = new RedisInbox({ client, connectDoorbell, keyPrefix, limits, durability, clock, logger });
    await inbox.opened();
    return inbox;
  } catch (error) {
    client.disconnect();
    throw toRedisError(area, error);
  }
}
