// Imported whole: a Node.js without `hash` must reach the check that refuses it.
import crypto from "node:crypto";
import { ConnectorsError, type Episode } from "@statewave-connectors/connector-sdk";
import { type InboxItem, letterIdentity, type UnmappedItem } from "@statewave-connectors/connector-sdk/inbox";
import type { StoredItem } from "./worker/protocol.ts";

/** An item ready for the worker, its body beside it. */
export interface EncodedItem {
  readonly stored: StoredItem;
  readonly body: Uint8Array;
}

/** What is stored of an item beside its source and body. JSON keeps every string as it is, lone surrogates included. */
interface Meta {
  readonly receivedAtMs: number;
  readonly id?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const noBody = new Uint8Array();

/** The stored form of an item. An episode or an unmapped item lies in the body as JSON. */
export function encodeItem(item: InboxItem): EncodedItem {
  const { kind, name } = item.source;
  const body = bodyOf(item);
  const episodeHash = hashIdentity(letterIdentity(item));
  const meta = toJson(metaOf(item));
  return { stored: { kind, name, itemType: item.type, meta, episodeHash, bodyBytes: body.byteLength }, body };
}

function metaOf(item: InboxItem): Meta {
  const { receivedAtMs } = item;
  if (item.type === "episode" || item.type === "item") return { receivedAtMs };
  const id = item.id === undefined ? {} : { id: item.id };
  return item.type === "event" ? { receivedAtMs, ...id, headers: item.headers } : { receivedAtMs, ...id };
}

function bodyOf(item: InboxItem): Uint8Array {
  switch (item.type) {
    case "event":
      return item.body;
    case "trigger":
      return noBody;
    case "episode":
      return Buffer.from(toJson(item.episode));
    case "item": {
      const { direction, id, raw, yielded } = item;
      return Buffer.from(toJson({ direction, id, raw, yielded }));
    }
  }
}

/** The inverse of {@link encodeItem}. */
export function decodeItem(stored: Pick<StoredItem, "kind" | "name" | "itemType" | "meta">, body: Uint8Array): InboxItem {
  const source = { kind: stored.kind, name: stored.name };
  const { receivedAtMs, id, headers } = JSON.parse(stored.meta) as Meta;
  const identity = { source, receivedAtMs, ...(id === undefined ? {} : { id }) };
  switch (stored.itemType) {
    case "event":
      return { type: "event", ...identity, headers: headers ?? {}, body };
    case "trigger":
      return { type: "trigger", ...identity };
    case "episode":
      return { type: "episode", source, receivedAtMs, episode: JSON.parse(Buffer.from(body).toString("utf8")) as Episode };
    case "item": {
      const content = JSON.parse(Buffer.from(body).toString("utf8")) as Pick<
        UnmappedItem,
        "direction" | "id" | "raw" | "yielded"
      >;
      return { type: "item", source, receivedAtMs, ...content };
    }
  }
}

/** The same for what is the same letter. */
function hashIdentity(identity: string | undefined): Uint8Array | null {
  return identity === undefined ? null : crypto.hash("sha256", identity, "buffer").subarray(0, 16);
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
