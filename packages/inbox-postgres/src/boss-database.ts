import type { PostgresSession } from "@statewave-connectors/postgres-client";
import type { Db } from "pg-boss";

/** The session as pg-boss wants it: what is sent through it belongs to the session's transaction. */
export function toBossDatabase(session: PostgresSession): Db {
  return { executeSql: async (text, values) => ({ rows: [...(await session.query(text, values))] }) };
}
