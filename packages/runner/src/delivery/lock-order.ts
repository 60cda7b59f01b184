import { canonicalSubject } from "@statewave-connectors/connector-sdk";
import type { OutboundEpisode } from "@statewave-connectors/connector-sdk/host";
import { cleanText } from "@statewave-connectors/connector-sdk/text";

/**
 * Valid episodes in the order of subject and idempotency key as the server sees them. A batch is one transaction there that locks each
 * key at its turn: two batches that share keys in different orders deadlock, and one of them is answered 500.
 */
export function inLockOrder<Item extends OutboundEpisode>(items: readonly Item[]): readonly Item[] {
  if (items.length < 2) return items;
  const rows = items.map((item) => ({ item, ...lockOf(item) }));
  // Compared by code units, which every process does alike.
  rows.sort((left, right) => compare(left.subject, right.subject) || compare(left.key, right.key));
  return rows.map(({ item }) => item);
}

function lockOf({ episode }: OutboundEpisode): { readonly subject: string; readonly key: string } {
  return { subject: canonicalSubject(episode.subject), key: cleanText(episode.idempotency_key) };
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
