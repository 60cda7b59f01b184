export { type DurabilityReport, readDurability } from "./durability.ts";
export { quoteIdentifier, quoteTable } from "./identifier.ts";
export type { Listener, ListenerEvents } from "./listener.ts";
export { openPostgres, type OpenPostgresOptions } from "./open-postgres.ts";
export { postgresName, postgresRequireDurable, postgresUrl } from "./options.ts";
export { Postgres, type PostgresPool, type PostgresSession, type QueryRow, type SqlClient } from "./postgres.ts";
export { isPassingAnswer, type PostgresArea } from "./postgres-error.ts";
