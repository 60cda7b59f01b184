import type { ConnectorsConfig } from "@statewave-connectors/config";
import { type ConnectorsError, Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { connectRedis } from "@statewave-connectors/redis-client";
import { placeUsed } from "../errors.ts";
import { atLocalPort, serverAddress, sharedUrl } from "./server-address.ts";
import { claimName, sharedLongestStepMs, sharedProcesses, type TrialPlace, trialName } from "./trial-place.ts";

const answerWithinMs = 30_000;
const keysAtATime = 1_000;
/** With a hash tag: a cluster takes only keys of one slot. */
const prefix = `{${trialName}}:`;
const claimKey = `${prefix}${claimName}`;

type Client = Awaited<ReturnType<typeof connectRedis>>;

/** Keys with a prefix of its own in the operator's database. */
export function redisPlace({ runner }: ConnectorsConfig): TrialPlace {
  const url = sharedUrl(runner);
  const using = async <Value>(work: (client: Client) => Promise<Value>): Promise<Value> => {
    const client = await connectRedis({ area: "STORE", url: new Secret(url), logger: silentLogger, answerWithinMs });
    try {
      return await work(client);
    } finally {
      client.disconnect();
    }
  };
  return {
    name: `redis, keys ${prefix}*`,
    processes: sharedProcesses,
    longestStepMs: sharedLongestStepMs,
    server: serverAddress(url, 6379),
    tables(port) {
      const options = { kind: "redis", url: atLocalPort(url, port), key_prefix: prefix };
      return { state: options, inbox: options };
    },
    claim: () =>
      using(async (client) => {
        for await (const [key] of keysOf(client)) if (key !== undefined) throw used(key);
        if ((await client.set(claimKey, "", "NX")) === null) throw used(claimKey);
      }),
    clear: () =>
      using(async (client) => {
        for await (const keys of keysOf(client)) if (keys.length > 0) await client.unlink(...keys);
      }),
  };
}

function used(key: string): ConnectorsError {
  const left = "if an earlier trial left them: one that was killed, or had `--keep`";
  return placeUsed(`the prefix ${prefix}`, `the key ${key}`, `choose another database, or remove the keys ${prefix}* ${left}`);
}

async function* keysOf(client: Client): AsyncGenerator<readonly string[], void> {
  let position = "0";
  do {
    const [next, keys] = await client.scan(position, "MATCH", `${prefix}*`, "COUNT", keysAtATime);
    yield keys;
    position = next;
  } while (position !== "0");
}
