import { startGuarded } from "./guarded-process.mjs";

/** Starts a throw-away Postgres; rejects when this machine cannot. */
export function startPostgres() {
  return startGuarded(new URL("postgres-process.mjs", import.meta.url));
}
