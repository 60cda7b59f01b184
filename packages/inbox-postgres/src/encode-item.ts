import { ConnectorsError, type Episode, type SourceKey } from "@statewave-connectors/connector-sdk";
import { eventId, type InboxItem, type UnmappedItem } from "@statewave-connectors/connector-sdk/inbox";

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

interface Meta {
  readonly receivedAtMs: number;
  readonly id?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The stored form of an item. An episode or an unmapped item lies in the body as JSON. */
export function encodeItem(item: InboxItem): EncodedItem {
  const { receivedAtMs, type } = item;
  const id = eventId(item);
  const meta: Meta = {
    receivedAtMs,
    ...(id === undefined ? {} : { id }),
    ...(item.type === "event" ? { headers: item.headers } : {}),
  };
  const body = bodyOf(item);
  return { stored: { type, meta: toBase64(Buffer.from(toJson(meta))), body: toBase64(body) }, bodyBytes: body.byteLength };
}

/** The inverse of {@link encodeItem}. */
export function decodeItem(source: SourceKey, { type, meta, body }: StoredItem): InboxItem {
  const { receivedAtMs, id, headers } = JSON.parse(Buffer.from(meta, "base64").toString()) as Meta;
  const bytes = Buffer.from(body, "base64");
  const identity = { source, receivedAtMs, ...(id === undefined ? {} : { id }) };
  switch (type) {
    case "event":
      return { type, ...identity, headers: headers ?? {}, body: bytes };
    case "trigger":
      return { type, ...identity };
    case "episode":
      return { type, source, receivedAtMs, episode: JSON.parse(bytes.toString()) as Episode };
    case "item": {
      const content = JSON.parse(bytes.toString()) as Pick<UnmappedItem, "direction" | "id" | "raw" | "yielded">;
      return { type, source, receivedAtMs, ...content };
    }
  }
}

function bodyOf(item: InboxItem): Uint8Array {
  switch (item.type) {
    case "event":
      return item.body;
    case "trigger":
      return new Uint8Array();
    case "episode":
      return Buffer.from(toJson(item.episode));
    case "item": {
      const { direction, id, raw, yielded } = item;
      return Buffer.from(toJson({ direction, id, raw, yielded }));
    }
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new ConnectorsError({
      code: "INBOX_ITEM_INVALID",
      message: `an inbox item cannot be stored: ${error instanceof Error ? error.message : String(error)}`,
      hint: "make its headers and metadata JSON: no cycles, no BigInt",
      cause: error,
    });
  }
}
