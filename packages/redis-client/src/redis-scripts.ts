// Imported whole: a Node.js without `hash` must reach the check that refuses it.
import crypto from "node:crypto";
import type { RedisClient } from "./connect-redis.ts";
import { redisAnswer } from "./redis-error.ts";

/** A Lua script: Redis runs it as one step, no other command comes in between. */
export type Script = string;

/**
 * Runs scripts on fixed keys. Only a script's digest travels; a server that does not know it yet, or no longer after a restart, is sent
 * the text.
 */
export class RedisScripts {
  readonly #client: RedisClient;
  readonly #keys: readonly string[];
  readonly #digests = new Map<Script, string>();

  /** `keys` are what the scripts see as `KEYS`; on a cluster they share a hash tag. */
  constructor(client: RedisClient, keys: readonly string[]) {
    this.#client = client;
    this.#keys = keys;
  }

  async run<Reply>(script: Script, args: readonly (string | number | Buffer)[]): Promise<Reply> {
    try {
      return (await this.#client.evalsha(this.#digest(script), this.#keys.length, ...this.#keys, ...args)) as Reply;
    } catch (error) {
      if (redisAnswer(error) !== "NOSCRIPT") throw error;
      return (await this.#client.eval(script, this.#keys.length, ...this.#keys, ...args)) as Reply;
    }
  }

  #digest(script: Script): string {
    const known = this.#digests.get(script) ?? crypto.hash("sha1", script);
    this.#digests.set(script, known);
    return known;
  }
}
