import type { Postgres } from "@statewave-connectors/postgres-client";
import type { Depth } from "./depth.ts";
import { jobIdsOf, ourQueues } from "./queue-view.ts";

export interface DiscardParts {
  readonly postgres: Postgres;
  /** pg-boss's schema, quoted. */
  readonly schema: string;
  readonly depth: Depth;
}

const jobsPerStep = 200;

/**
 * Completes jobs that wait, without their bodies: pg-boss keeps each row for `dedup_window`, and with it the id. A job that a process has
 * claimed is active, and stays; two calls at once lock the rows in one order.
 */
export async function discardQueued(keys: readonly string[], { postgres, schema, depth }: DiscardParts): Promise<number> {
  const ids = jobIdsOf(keys);
  let discarded = 0;
  for (let start = 0; start < ids.length; start += jobsPerStep) {
    const rows = await postgres.query(
      `UPDATE ${schema}.job AS job SET state = 'completed', completed_on = ${schema}.job_now(), data = NULL
       FROM (
         SELECT job.name, job.id FROM (${ourQueues(schema)}) AS queues JOIN ${schema}.job AS job USING (name)
         WHERE job.id = ANY($1::uuid[]) AND job.state < 'active' ORDER BY job.name, job.id FOR UPDATE OF job
       ) AS waiting
       WHERE job.name = waiting.name AND job.id = waiting.id AND job.state < 'active'
       RETURNING job.group_tier`,
      [ids.slice(start, start + jobsPerStep)],
    );
    for (const row of rows) depth.remove(Number(row["group_tier"]));
    discarded += rows.length;
  }
  return discarded;
}
