import { startGuarded } from "./guarded-process.mjs";

/** Starts a primary and its synchronous replica behind one address. `crash` ends the primary for good, and the address then leads to the replica. */
export function startPostgresPair() {
  return startGuarded(new URL("postgres-pair-process.mjs", import.meta.url));
}
