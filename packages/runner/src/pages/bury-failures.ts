import type { Clock } from "@statewave-connectors/connector-sdk";
import type { Inbox, UnmappedItem } from "@statewave-connectors/connector-sdk/inbox";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import { buryFailedError } from "../delivery/delivery-errors.ts";
import { orAborted } from "../deadline/or-aborted.ts";
import type { Failure } from "./failures.ts";
import type { PageReading } from "./read-page.ts";

/** Keeps an item as a dead letter. */
export type BuryItem = (item: Omit<UnmappedItem, "receivedAtMs">, reason: string) => Promise<void>;

/** Buries through an inbox. */
export function buryItemIn(inbox: Pick<Inbox, "buryItem">, clock: Clock): BuryItem {
  return (item, reason) => inbox.buryItem({ ...item, receivedAtMs: clock.now() }, maskSecrets(reason));
}

/** Bounds what a store has to take at a time. */
const burialsAtATime = 50;

/**
 * Buries the failed items of a page and returns their number. Throws `SINK_BURY_FAILED` when one cannot be kept, or the signal's reason: a
 * burial that finishes after that equals the one of the next attempt, and counts once.
 */
export async function buryFailures(
  failures: readonly Failure[],
  { source, direction, buryItem, signal }: PageReading & { readonly buryItem: BuryItem; readonly signal: AbortSignal },
): Promise<number> {
  for (let start = 0; start < failures.length; start += burialsAtATime) {
    const step = failures.slice(start, start + burialsAtATime);
    try {
      const burials = step.map(({ reason, ...failure }) => buryItem({ type: "item", source, direction, ...failure }, reason));
      await orAborted(Promise.all(burials), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw buryFailedError("an item that cannot be mapped", error);
    }
  }
  return failures.length;
}
