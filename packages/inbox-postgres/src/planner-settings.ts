/**
 * Lets Postgres walk the index of jobs that are ready in its order and stop at the first ones. It misjudges how many are ready as soon as
 * its statistics are a little old, and then collects and sorts all of them for each question: after an outage that is the whole backlog.
 */
export const walkIndexInOrder = ["enable_bitmapscan = off", "enable_sort = off"] as const;
