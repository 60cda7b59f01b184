import type { Clock } from "@statewave-connectors/connector-sdk";
import type { Inbox, BuriedFailedItem } from "@statewave-connectors/connector-sdk/inbox";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import { buryFailedError } from "../delivery/delivery-errors.ts";
import { orAborted } from "../deadline/or-aborted.ts";
import type { CheckedFailedItem } from "./failures.ts";
import type { PageOrigin } from "./read-page.ts";

/** Keeps an item as a dead letter. */
export type BuryFailedItem = (item: Omit<BuriedFailedItem, "receivedAtMs">, reason: string) => Promise<void>;

/** Buries through an inbox. */
export function buryFailedItemIn(inbox: Pick<Inbox, "buryFailedItem">, clock: Clock): BuryFailedItem {
  return (item, reason) => inbox.buryFailedItem({ ...item, receivedAtMs: clock.now() }, maskSecrets(reason));
}

/** Bounds what a store has to take at a time. */
const burialsAtATime = 50;

/**
 * Buries the failed items of a page and returns their number. Throws `SINK_BURY_FAILED` when one cannot be kept, or the signal's reason: a
 * burial that finishes after that equals the one of the next attempt, and counts once.
 */
export async function buryFailures(
  failures: readonly CheckedFailedItem[],
  {
    source,
    direction,
    buryFailedItem,
    signal,
  }: PageOrigin & { readonly buryFailedItem: BuryFailedItem; readonly signal: AbortSignal },
): Promise<number> {
  for (let start = 0; start < failures.length; start += burialsAtATime) {
    const step = failures.slice(start, start + burialsAtATime);
    try {
      const burials = step.map(({ reason, ...failure }) =>
        buryFailedItem({ type: "item", source, direction, ...failure }, reason),
      );
      await orAborted(Promise.all(burials), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw buryFailedError("an item that cannot be mapped", error);
    }
  }
  return failures.length;
}
