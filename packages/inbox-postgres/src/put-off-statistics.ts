import type { Logger } from "@statewave-connectors/connector-sdk";
import type { Postgres } from "@statewave-connectors/postgres-client";

/** Where the tables of pg-boss are. */
export interface BossTables {
  readonly postgres: Postgres;
  /** pg-boss's schema, quoted. */
  readonly schema: string;
  readonly logger: Logger;
}

/**
 * Never rejects. Keeps pg-boss from counting all jobs once a second for statistics that are not read here: with many settled events in the
 * table that takes seconds. pg-boss puts the counting off after a slow count; this sets the same column beforehand. pg-boss still looks for
 * the jobs of dead processes in its rounds.
 */
export async function putOffStatistics({ postgres, schema, logger }: BossTables): Promise<void> {
  try {
    await postgres.query(`UPDATE ${schema}.version SET monitor_backoff_on = now() + interval '1 hour'`);
  } catch (error) {
    logger.debug("pg-boss could not be kept from counting", { error });
  }
}
