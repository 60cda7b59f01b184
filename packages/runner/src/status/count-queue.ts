import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { InboxStats } from "@statewave-connectors/connector-sdk/inbox";
import type { QueuedCount } from "./status-report.ts";

/** Items that are looked at: one page, however many wait. */
const mostCounted = 1_000;

export type ListQueued = (query: { readonly limit: number }) => Promise<readonly { readonly source: SourceKey }[]>;

/** How many items of a source wait. */
export type CountOf = (source: SourceKey) => QueuedCount | undefined;

/** Counts the oldest thousand items that wait, by source. Above that, the counts are the least that it can be. */
export async function countQueue(stats: InboxStats | undefined, listQueued: ListQueued | undefined): Promise<CountOf> {
  if (stats === undefined || listQueued === undefined) return () => undefined;
  // An inbox of another package may have no view.
  const items = stats.depth === 0 ? [] : await listQueued({ limit: mostCounted }).catch(() => undefined);
  if (items === undefined) return () => undefined;
  const counts = new Map<string, number>();
  for (const { source } of items) {
    const key = formatSourceKey(source);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const isWhole = items.length < mostCounted;
  return (source) => ({ count: counts.get(formatSourceKey(source)) ?? 0, isWhole });
}
