export { type DurabilityReport, readDurability } from "./durability.ts";
export { quoteIdentifier, quoteTable } from "./identifier.ts";
export type { Listener, ListenerEvents } from "./listener.ts";
export { openPostgres, type OpenPostgresOptions } from "./open-postgres.ts";
export { postgresName, postgresRequireDurable, postgresUrl } from "./options.ts";
export { Postgres, type PostgresSession } from "./postgres.ts";
export type { PostgresPool, QueryRow, SqlClient } from "./sql-client.ts";
export { isPassingAnswer, type PostgresArea } from "./postgres-error.ts";
