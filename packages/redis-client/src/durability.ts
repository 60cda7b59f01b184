import { ConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";
import type { RedisClient } from "./connect-redis.ts";
import { type RedisArea, redisAnswer } from "./redis-error.ts";

/** What is at stake: something without a time to live, or also keys that have one. */
interface Stake {
  readonly area: RedisArea;
  /** `cursors`, `events`. */
  readonly what: string;
  readonly keysExpire: boolean;
}

export interface Durability {
  /** In a few words, for the start-up lines. */
  readonly durability: string;
}

interface ServerSettings {
  readonly appendonly: string | undefined;
  readonly appendfsync: string | undefined;
  readonly maxmemory: string | undefined;
  readonly maxmemoryPolicy: string | undefined;
}

/**
 * What something stored on this server survives, by the server's own settings. What makes it less is warned about, or refused with `…_NOT_DURABLE`
 * when durability is required.
 */
export async function readDurability(
  client: RedisClient,
  { required, logger, ...stake }: Stake & { readonly required: boolean; readonly logger: Logger },
): Promise<Durability> {
  const settings = await readSettings(client);
  const warnings = warningsOf(settings, stake);
  if (required && warnings.length > 0) {
    throw new ConnectorsError({
      code: `${stake.area}_NOT_DURABLE`,
      message: `require_durable is set, but ${warnings.join("; ")}`,
      hint: "change the settings of the Redis server, or do without require_durable",
    });
  }
  for (const reason of warnings) logger.warn("a setting of Redis makes stored data less durable", { reason });
  return { durability: durabilityOf(settings) };
}

/** Requests one by one: servers before 7.0 answer for one name at a time. Many hosted ones forbid it; then nothing is known. */
async function readSettings(client: RedisClient): Promise<ServerSettings> {
  const read = async (name: string): Promise<string | undefined> => {
    try {
      const reply: unknown = await client.config("GET", name);
      const value: unknown = Array.isArray(reply) ? reply[1] : (reply as Record<string, unknown>)[name];
      return typeof value === "string" ? value : undefined;
    } catch (error) {
      if (redisAnswer(error) === undefined) throw error;
      return undefined;
    }
  };
  const [appendonly, appendfsync, maxmemory, maxmemoryPolicy] = await Promise.all(
    ["appendonly", "appendfsync", "maxmemory", "maxmemory-policy"].map(read),
  );
  return { appendonly, appendfsync, maxmemory, maxmemoryPolicy };
}

function warningsOf(
  { appendonly, appendfsync, maxmemory, maxmemoryPolicy }: ServerSettings,
  { what, keysExpire }: Stake,
): string[] {
  const warnings: string[] = [];
  if (appendonly === undefined) {
    warnings.push(`Redis does not show its settings (CONFIG GET): whether its restart keeps the ${what} is unknown`);
  } else if (appendonly !== "yes") {
    warnings.push(`Redis has its append-only file switched off: its restart loses ${what} (set appendonly yes)`);
  } else if (appendfsync === "no") {
    warnings.push(
      `Redis never fsyncs its append-only file by itself: a power cut loses ${what} of half a minute (set appendfsync everysec)`,
    );
  }
  const mayEvict =
    maxmemoryPolicy?.startsWith("allkeys") === true || (keysExpire && maxmemoryPolicy?.startsWith("volatile") === true);
  if (mayEvict) {
    const when = maxmemory === "0" ? "once it is given a memory limit" : "when its memory is full";
    warnings.push(`Redis may drop ${what} ${when}: its maxmemory-policy is ${maxmemoryPolicy} (set noeviction)`);
  }
  return warnings;
}

function durabilityOf({ appendonly, appendfsync }: ServerSettings): string {
  if (appendonly === undefined) return "in Redis; how it stores them is unknown";
  if (appendonly !== "yes") return "in Redis's memory, lost when Redis restarts";
  if (appendfsync === "always") return "fsynced in Redis's append-only file";
  if (appendfsync === "everysec") return "in Redis's append-only file, fsynced every second";
  return "in Redis's append-only file, fsynced when its system decides";
}
