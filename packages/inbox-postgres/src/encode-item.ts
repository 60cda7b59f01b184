import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { type InboxItem, itemBody, itemMeta, toItem } from "@statewave-connectors/connector-sdk/inbox";

/**
 * An item as it lies in the database. Everything that comes from outside is base64: jsonb refuses NUL and half surrogate pairs, and
 * reorders keys and rounds numbers of a body that it parses.
 */
export interface StoredItem {
  readonly type: InboxItem["type"];
  /** JSON of everything but the source and the body. */
  readonly meta: string;
  readonly body: string;
}

export interface EncodedItem {
  readonly stored: StoredItem;
  readonly bodyBytes: number;
}

/** The stored form of an item. */
export function encodeItem(item: InboxItem): EncodedItem {
  const body = itemBody(item);
  const meta = toBase64(Buffer.from(itemMeta(item)));
  return { stored: { type: item.type, meta, body: toBase64(body) }, bodyBytes: body.byteLength };
}

/** The inverse of {@link encodeItem}. */
export function decodeItem(source: SourceKey, { type, meta, body }: StoredItem): InboxItem {
  return toItem({ type, source, meta: Buffer.from(meta, "base64").toString(), body: Buffer.from(body, "base64") });
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
