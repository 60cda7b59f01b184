import { ConnectorsError, type Logger, type Secret, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import { mostSurveyed, strangerName, type StoreSurvey, type SurveyedSource } from "@statewave-connectors/connector-sdk/store";
import { connectRedis, type RedisClient, toRedisError } from "@statewave-connectors/redis-client";

interface SurveyedHash {
  readonly url: Secret;
  readonly keyPrefix: string;
  readonly logger: Logger;
}

const area = "STORE";
const answerWithinMs = 5_000;

/** What a hash of cursors holds. Runs only commands that read, and none that reads a cursor. */
export async function surveyCursorHash({ url, keyPrefix, logger }: SurveyedHash): Promise<StoreSurvey> {
  const client = await connectRedis({ area, url, logger, answerWithinMs });
  try {
    return await survey(client, keyPrefix);
  } catch (error) {
    throw toRedisError(area, error);
  } finally {
    client.disconnect();
  }
}

async function survey(client: Awaited<ReturnType<typeof connectRedis>>, keyPrefix: string): Promise<StoreSurvey> {
  const key = `${keyPrefix}cursors`;
  const place = `redis ${await serverOf(client)}/${client.options.db ?? 0}/${key}`;
  // Leases are never removed, and only this project's runner has them.
  if ((await client.exists(`${keyPrefix}leases`)) > 0) return { place, format: "current", sources: [] };
  const count = await client.hlen(key);
  if (count === 0) return { place, sources: [] };
  if (count > mostSurveyed) throw corrupt(key, `it has ${count} fields, which is more than a runner's`);
  const { sources, strangers } = sortFields(await client.hkeys(key));
  // One strange field is no reason to give up the others; a hash of nothing else is not one of cursors.
  if (sources.length === 0 && strangers[0] !== undefined) throw corrupt(key, `${strangers[0]} names no source`);
  return { place, format: "earlier", sources: await sizesOf(client, key, sources), strangers };
}

/** The id of the server's run, whatever its address. Where INFO is not permitted, the address stands for it. */
async function serverOf(client: Awaited<ReturnType<typeof connectRedis>>): Promise<string> {
  const info = await client.info("server").catch(() => "");
  const { host = "localhost", port = 6379, path } = client.options;
  return /^run_id:(\w+)/m.exec(info)?.[1] ?? path ?? `${host}:${port}`;
}

function sortFields(fields: readonly string[]) {
  const sources: SourceKey[] = [];
  const strangers: string[] = [];
  for (const field of fields) {
    const source = parseSourceKey(field);
    if (source === undefined) strangers.push(strangerName(field));
    else sources.push(source);
  }
  return { sources, strangers };
}

const fieldsAtOnce = 500;

async function sizesOf(client: RedisClient, key: string, sources: readonly SourceKey[]): Promise<readonly SurveyedSource[]> {
  const found: SurveyedSource[] = [];
  for (let from = 0; from < sources.length; from += fieldsAtOnce) {
    const part = sources.slice(from, from + fieldsAtOnce);
    const sizes = await Promise.all(part.map((source) => client.hstrlen(key, formatSourceKey(source))));
    found.push(...part.map((source, index) => ({ source, bytes: sizes[index] ?? 0 })));
  }
  return found;
}

function corrupt(key: string, why: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_CORRUPT",
    message: `the hash ${key} in Redis is not one of cursors: ${why}`,
    hint: "check `key_prefix` in the file that is moved from; nothing was changed",
  });
}
