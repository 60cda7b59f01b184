import { type Clock, ConnectorsError, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { Inbox, BuriedFailedItem } from "@statewave-connectors/connector-sdk/inbox";
import { within } from "../deadline/within.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { toRunId } from "../run-id.ts";
import { mapAgain, type MappingEntry } from "./map-again.ts";

/** The result of a retry of letters. A key without a letter is in none of the lists. */
export interface RetryReport {
  /** Events and episodes that are back in the queue. */
  readonly requeued: number;
  /** Items that were mapped and delivered at once. Their letters are gone. */
  readonly delivered: number;
  /** Items whose letters stay, and why. */
  readonly kept: readonly KeptLetter[];
}

export interface KeptLetter {
  readonly key: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** The parts that retry an item. */
export interface ItemRetry {
  readonly delivery: Pick<Delivery, "deliver" | "state">;
  readonly ownerOf: (item: BuriedFailedItem) => MappingEntry | undefined;
  readonly clock: Clock;
  readonly random: () => number;
}

const deliverWithinMs = 30_000;

/**
 * Puts events and episodes back into the queue, and maps and delivers items. The letter of an item leaves the list when its episodes are
 * safe; a crash in between repeats the delivery.
 *
 * @param openItemRetry called when there is an item among the letters.
 */
export async function retryLetters(
  inbox: Inbox,
  keys: readonly string[],
  openItemRetry: () => Promise<ItemRetry>,
): Promise<RetryReport> {
  const { items, others } = await sortOut(inbox, keys);
  const requeued = others.length === 0 ? 0 : await inbox.retryDeadLetters(others);
  if (items.length === 0) return { requeued, delivered: 0, kept: [] };
  const retry = await openItemRetry();
  const kept: KeptLetter[] = [];
  let delivered = 0;
  let isLate = false;
  for (const { key, item } of items) {
    try {
      // After one time-out the rest is not tried: a thousand items would wait for hours.
      if (isLate) throw undelivered(item, "an item before it could not be delivered in time");
      await deliverItem(item, retry);
      delivered += await inbox.discardDeadLetters([key]);
    } catch (error) {
      isLate ||= isInTimeTrouble(error);
      kept.push(toKept(key, error));
    }
  }
  return { requeued, delivered, kept };
}

interface ItemLetter {
  readonly key: string;
  readonly item: BuriedFailedItem;
}

async function sortOut(
  inbox: Inbox,
  keys: readonly string[],
): Promise<{ readonly items: ItemLetter[]; readonly others: string[] }> {
  const { deadLetters } = await inbox.stats();
  const items: ItemLetter[] = [];
  const others: string[] = [];
  const mayHaveItems = deadLetters.some(({ type }) => type === "item");
  for (const key of new Set(keys)) {
    const item = mayHaveItems ? (await inbox.getDeadLetter(key))?.item : undefined;
    if (item?.type === "item") items.push({ key, item });
    else others.push(key);
  }
  return { items, others };
}

async function deliverItem(item: BuriedFailedItem, { delivery, ownerOf, clock, random }: ItemRetry): Promise<void> {
  const entry = ownerOf(item);
  if (entry === undefined) throw orphaned(item);
  const episodes = await mapAgain({ item, entry, clock });
  if (!delivery.state.wantsMore) throw undelivered(item, "the sink accepts nothing at the moment");
  const runId = toRunId(random);
  const reason = () => undelivered(item, `the sink did not accept it within ${deliverWithinMs / 1000} s`);
  const { buried } = await within({ clock, timeoutMs: deliverWithinMs, reason }, (signal) =>
    delivery.deliver({ source: item.source, connectorVersion: entry.connectorVersion, episodes, signal, runId }),
  );
  if (buried > 0) throw refused(item, buried, episodes.length);
}

/** What the next item would run into as well. */
function isInTimeTrouble(error: unknown): boolean {
  if (isConnectorsError(error, "INBOX_ITEM_TIMEOUT")) return true;
  return isConnectorsError(error, "INBOX_ITEM_UNDELIVERED") && error.retryable;
}

function toKept(key: string, error: unknown): KeptLetter {
  if (!isConnectorsError(error)) return { key, code: "INBOX_ITEM_UNMAPPED", message: describeError(error) };
  return { key, code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
}

function orphaned({ id, source, direction }: BuriedFailedItem): ConnectorsError {
  return new ConnectorsError({
    code: "INBOX_ITEM_FINAL",
    message: `item ${id} of ${formatSourceKey(source)} cannot be mapped again: its entry is not configured`,
    hint: `add [[${direction}.${source.kind}]] name = "${source.name}" again, or discard it`,
  });
}

/** The episodes themselves are safe: each is a letter of its own. */
function refused({ id, source }: BuriedFailedItem, buried: number, episodes: number): ConnectorsError {
  return new ConnectorsError({
    code: "INBOX_ITEM_UNDELIVERED",
    message: `item ${id} of ${formatSourceKey(source)} is not delivered: the sink refuses ${buried} of its ${episodes} episodes, each of which is a dead letter now`,
    hint: "look at `dead-letters list` for the reasons; discard the letter of the item when those of its episodes are settled",
  });
}

function undelivered({ id, source }: BuriedFailedItem, reason: string): ConnectorsError {
  return new ConnectorsError({
    code: "INBOX_ITEM_UNDELIVERED",
    message: `item ${id} of ${formatSourceKey(source)} is not delivered: ${reason}`,
    hint: "check with `doctor` whether the sink and the provider answer",
    retryable: true,
  });
}
