/**
 * Lets Postgres walk the index of jobs that are ready in its order and stop at the first ones. It misjudges how many are ready as soon as
 * its statistics are a little old, and then collects and sorts all of them for each question: after an outage that is the whole backlog.
 */
export const walkIndexInOrder = ["enable_bitmapscan = off", "enable_sort = off"] as const;

/** For a page of what waits: the first jobs of each queue by index, whatever the statistics are. */
export const walkIndexes = ["enable_bitmapscan = off", "enable_seqscan = off", "enable_hashjoin = off", "jit = off"] as const;
