import { startGuarded } from "./guarded-process.mjs";

/** Starts a throw-away Postgres; rejects when this machine cannot. */
export function startPostgres() {
  return startGuarded(new URL("postgres-process.mjs", import.meta.url));
}

/**
 * Starts a primary and its synchronous replica behind one address. `crash` ends the primary for good, and the address then leads to the replica.
 * @public A test loads it by its name.
 */
export function startPostgresPair() {
  return startGuarded(new URL("postgres-pair-process.mjs", import.meta.url));
}
