import type { Logger } from "@statewave-connectors/connector-sdk";
import type { Postgres, PostgresSession } from "@statewave-connectors/postgres-client";
import type { Db } from "pg-boss";

/** The session as pg-boss wants it: what is sent through it belongs to the session's transaction. */
export function toBossDatabase(session: PostgresSession): Db {
  return { executeSql: async (text, values) => ({ rows: [...(await session.query(text, values))] }) };
}

export interface ListeningDatabaseOptions {
  /** For statements that may take long: installing, migrating, clearing up. */
  readonly postgres: Postgres;
  /** A queue got work in some process; undefined: it may have, unheard. */
  readonly onWork: (queueName: string | undefined) => void;
  readonly logger: Logger;
}

/** What pg-boss runs on by itself; tells of work that other processes accept. */
export function toListeningDatabase({ postgres, onWork, logger }: ListeningDatabaseOptions): Db {
  return {
    ...toBossDatabase(postgres),
    listen: (channel) =>
      postgres.listen(channel, {
        onNotification: onWork,
        onConnected: () => onWork(undefined),
        // Only slower without it: the consumer also looks by itself.
        onError: (error) => logger.debug("the inbox does not hear of work in other processes for now", { error }),
      }),
  };
}
