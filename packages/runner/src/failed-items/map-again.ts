import {
  type Clock,
  ConnectorsError,
  describeError,
  type Episode,
  isConnectorsError,
  type PullSource,
} from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { BuriedFailedItem } from "@statewave-connectors/connector-sdk/inbox";
import { unnamedReason } from "../pages/failures.ts";
import { withSubject } from "../pages/read-page.ts";
import { within } from "../deadline/within.ts";

/** An entry that maps items one by one, of a pull source or of a receiver. */
export interface MappingEntry {
  readonly mapper: Pick<PullSource, "map" | "fetchItem">;
  readonly subject: string | undefined;
  readonly connectorVersion: string;
}

export interface MapAgainOptions {
  readonly item: BuriedFailedItem;
  readonly entry: MappingEntry;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

const fetchTimeoutMs = 30_000;

/**
 * The episodes of an item that could not be mapped before. Throws `INBOX_ITEM_FINAL` when nothing can map it, `INBOX_ITEM_UNMAPPED` when
 * it still cannot be mapped, `INBOX_ITEM_TIMEOUT` (retryable), or what the connector's `fetchItem` threw.
 */
export async function mapAgain(options: MapAgainOptions): Promise<readonly Episode[]> {
  const { item, entry } = options;
  const { mapper, subject } = entry;
  const raw = await rawOf(options);
  let episodes: unknown;
  try {
    episodes = mapper.map?.(raw);
  } catch (error) {
    throw unmapped(item, describeError(error), error);
  }
  if (!Array.isArray(episodes)) throw unmapped(item, "the connector's map() answered no list of episodes");
  const mapped = episodes.map((episode: unknown) => withSubject(episode, subject));
  for (const reason of mapped.map(unnamedReason)) if (reason !== undefined) throw unmapped(item, reason);
  return mapped as Episode[];
}

async function rawOf({ item, entry: { mapper }, clock, signal }: MapAgainOptions): Promise<unknown> {
  const { source, raw, id } = item;
  if ("yielded" in item) throw final(item, "the connector yielded it in the place of an episode", readAgain[item.direction]);
  if (mapper.map === undefined) throw final(item, `connector ${source.kind} has no map()`, newerConnector);
  if (raw !== undefined) return raw;
  if (mapper.fetchItem === undefined)
    throw final(item, `its raw form was not kept, and connector ${source.kind} has no fetchItem()`, newerConnector);
  const limits = { clock, timeoutMs: fetchTimeoutMs, signal, reason: () => timedOut(item) };
  try {
    const fetched = await within(limits, async (fetching) => mapper.fetchItem?.(id, fetching));
    if (fetched === undefined) throw final(item, "the source does not have it any more", "discard it");
    return fetched;
  } catch (error) {
    signal?.throwIfAborted();
    throw isConnectorsError(error) ? error : unmapped(item, describeError(error), error);
  }
}

const newerConnector = "install a version of the connector that maps single items, or discard it";
const readAgain = {
  pull: "fix the connector, read the source again with `state reset`, and discard it",
  push: "fix the connector, let the provider send the event again, and discard it",
} as const;

function final(item: BuriedFailedItem, reason: string, hint: string): ConnectorsError {
  return new ConnectorsError({
    code: "INBOX_ITEM_FINAL",
    message: `item ${item.id} of ${formatSourceKey(item.source)} cannot be mapped again: ${reason}`,
    hint,
  });
}

function unmapped(item: BuriedFailedItem, reason: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "INBOX_ITEM_UNMAPPED",
    message: `item ${item.id} of ${formatSourceKey(item.source)} still cannot be mapped: ${reason}`,
    hint: "update the connector, or report this to its author",
    cause,
  });
}

function timedOut({ id, source }: BuriedFailedItem): ConnectorsError {
  return new ConnectorsError({
    code: "INBOX_ITEM_TIMEOUT",
    message: `fetching item ${id} of ${formatSourceKey(source)} took longer than ${fetchTimeoutMs / 1000} s`,
    hint: "check whether the provider is reachable",
    retryable: true,
  });
}
