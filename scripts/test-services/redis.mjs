import { startGuarded } from "./guarded-process.mjs";

/**
 * Starts a throw-away Redis; rejects when this machine cannot.
 * @returns {Promise<import("./guarded-process.mjs").RunningService | undefined>}
 */
export async function startRedis() {
  return startGuarded(new URL("redis-process.mjs", import.meta.url));
}
