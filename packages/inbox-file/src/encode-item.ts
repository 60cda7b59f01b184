import { type InboxItem, itemBody, itemMeta, letterHash, toItem } from "@statewave-connectors/connector-sdk/inbox";
import type { StoredItem } from "./worker/protocol.ts";

/** An item ready for the worker, its body beside it. */
export interface EncodedItem {
  readonly stored: StoredItem;
  readonly body: Uint8Array;
}

/** As many bytes of the hash as files have held from the beginning. */
const hashBytes = 16;

/** The stored form of an item. */
export function encodeItem(item: InboxItem): EncodedItem {
  const { kind, name } = item.source;
  const body = itemBody(item);
  const stored = {
    kind,
    name,
    itemType: item.type,
    meta: itemMeta(item),
    letterHash: letterHash(item)?.subarray(0, hashBytes) ?? null,
    bodyBytes: body.byteLength,
  };
  return { stored, body };
}

/** The inverse of {@link encodeItem}. */
export function decodeItem(stored: Pick<StoredItem, "kind" | "name" | "itemType" | "meta">, body: Uint8Array): InboxItem {
  const { kind, name, itemType, meta } = stored;
  return toItem({ type: itemType, source: { kind, name }, meta, body });
}
