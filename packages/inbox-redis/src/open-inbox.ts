import { type AdapterContext, type InboxLimits, InboxShell } from "@statewave-connectors/connector-sdk/inbox";
import { connectRedis, readDurability, toRedisError } from "@statewave-connectors/redis-client";
import { listenSeconds } from "./new-work-listener.ts";
import type { RedisInboxOptions } from "./options.ts";
import { RedisEngine } from "./redis-engine.ts";

const area = "INBOX";
/** A webhook is answered 503 within a second when Redis no longer answers. */
const answerWithinMs = 900;
/** Nothing that the listener waits for is lost when its connection is cut. */
const listenerCloseMs = 20;

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
    // Behind a wait of the listener every answer is late.
    const listener = { answerWithinMs: listenSeconds * 1_000 + 3_000, closeWithinMs: listenerCloseMs };
    const connectListener = () => connectRedis({ area, url, logger, ...listener });
    const engine = new RedisEngine({ client, connectListener, keyPrefix, limits, durability, clock, logger });
    await engine.opened();
    return new InboxShell(engine, clock);
  } catch (error) {
    client.disconnect();
    throw toRedisError(area, error);
  }
}
