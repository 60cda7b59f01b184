import { furthestRetryMs } from "@statewave-connectors/connector-sdk/inbox";
import type { Postgres } from "@statewave-connectors/postgres-client";
import type { BossTables } from "./put-off-statistics.ts";

/** A time behind this one was stored while the server's clock was ahead. */
export const tooFarAhead = `now() + interval '${furthestRetryMs} milliseconds'`;

/** Makes ready what waits in these queues for a time that the server's clock had reached too early. */
export async function makeStrandedReady(postgres: Postgres, schema: string, queueNames: readonly string[]): Promise<void> {
  await postgres.query(
    `UPDATE ${schema}.job SET start_after = now()
     WHERE name = ANY($1::text[]) AND state < 'active' AND NOT blocked AND start_after > ${tooFarAhead}`,
    [queueNames],
  );
}

/**
 * Never rejects. Sets back the times by which pg-boss finds the claims of dead processes. Else a server whose clock was ahead would keep them until the
 * time that this clock showed: their last sign of life, and the last search for them, lie in the future.
 */
export async function setBackClaimTimes({ postgres, schema, logger }: BossTables): Promise<void> {
  try {
    await postgres.query(
      `UPDATE ${schema}.job SET heartbeat_on = now(), started_on = now() WHERE state = 'active' AND heartbeat_on > ${tooFarAhead}`,
    );
    await postgres.query(
      `UPDATE ${schema}.queue SET monitor_claim_on = NULL, monitor_on = NULL, maintain_on = NULL
       WHERE greatest(monitor_claim_on, monitor_on, maintain_on) > ${tooFarAhead}`,
    );
  } catch (error) {
    logger.debug("times of the inbox that lie in the future could not be set back", { error });
  }
}
