import { type AdapterContext, type InboxLimits, InboxShell } from "@statewave-connectors/connector-sdk/inbox";
import { connectRedis, readDurability, toRedisError } from "@statewave-connectors/redis-client";
import { doorbellWaitSeconds } from "./doorbell.ts";
import type { RedisInboxOptions } from "./options.ts";
import { RedisEngine } from "./redis-engine.ts";

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
): Promise<InboxShell> {
  const client = await connectRedis({ area, url, logger, answerWithinMs });
  try {
    // Remembered ids and locks have a time to live.
    const stake = { area, what: "events", keysExpire: true } as const;
    const { durability } = await readDurability(client, { ...stake, required, logger });
    // Behind a wait at the doorbell every answer is late.
    const doorbell = { answerWithinMs: doorbellWaitSeconds * 1_000 + 3_000, closeWithinMs: doorbellCloseMs };
    const connectDoorbell = () => connectRedis({ area, url, logger, ...doorbell });
    const engine = new RedisEngine({ client, connectDoorbell, keyPrefix, limits, durability, clock, logger });
    await engine.opened();
    return new InboxShell(engine, clock);
  } catch (error) {
    client.disconnect();
    throw toRedisError(area, error);
  }
}
