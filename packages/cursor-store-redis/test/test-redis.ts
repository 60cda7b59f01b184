import { Redis } from "ioredis";
import { recordKeys } from "../src/record-scripts.ts";

/** The server that the tests were given. Without one they are skipped; the set-up has said so, and in CI has ended the run. */
export const testUrl = process.env["TEST_REDIS_URL"] ?? "";

/** A place on it that no other test file uses, and a client that looks at it from the outside. */
export function testPlace(): {
  readonly keyPrefix: string;
  readonly client: Redis;
  readonly empty: () => Promise<void>;
  readonly end: () => Promise<void>;
} {
  const keyPrefix = `test:${process.pid}-${Math.random().toString(36).slice(2)}:`;
  const client = new Redis(testUrl, { lazyConnect: true });
  const empty = async () => void (await client.del(["cursors", "leases", ...recordKeys].map((name) => `${keyPrefix}${name}`)));
  return {
    keyPrefix,
    client,
    empty,
    async end() {
      await empty();
      client.disconnect();
    },
  };
}
