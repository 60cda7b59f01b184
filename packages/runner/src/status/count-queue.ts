import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { InboxStats } from "@statewave-connectors/connector-sdk/inbox";
import type { SourceCount } from "../control/operations/operations.ts";
import type { QueuedCount } from "./status-report.ts";

/** Items that are listed where the inbox does not count: one page, however many wait. */
const mostListed = 1_000;

export type ListQueued = (query: { readonly limit: number }) => Promise<readonly { readonly source: SourceKey }[]>;
export type CountQueued = () => Promise<readonly SourceCount[] | undefined>;

/** How many items of a source wait. */
export type CountOf = (source: SourceKey) => QueuedCount | undefined;

/** How the items that wait are counted by source. */
export interface QueueCounting {
  readonly countQueued?: CountQueued | undefined;
  readonly listQueued?: ListQueued | undefined;
}

/** Counts what waits by source. Where the inbox only lists it, the oldest thousand are counted, and that is the least that it can be. */
export async function countQueue(stats: InboxStats | undefined, { countQueued, listQueued }: QueueCounting): Promise<CountOf> {
  if (stats === undefined || (countQueued ?? listQueued) === undefined) return () => undefined;
  if (stats.depth === 0) return () => ({ count: 0, isWhole: true });
  const counted = await countQueued?.().catch(() => undefined);
  if (counted !== undefined) return countOf(counted, true);
  // An inbox of another package may have no view.
  const items = await listQueued?.({ limit: mostListed }).catch(() => undefined);
  if (items === undefined) return () => undefined;
  return countOf(
    items.map(({ source }) => ({ source, count: 1 })),
    items.length < mostListed,
  );
}

function countOf(counted: readonly SourceCount[], isWhole: boolean): CountOf {
  const counts = new Map<string, number>();
  for (const { source, count } of counted) {
    const key = formatSourceKey(source);
    counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return (source) => ({ count: counts.get(formatSourceKey(source)) ?? 0, isWhole });
}
