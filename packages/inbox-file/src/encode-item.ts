// Imported whole: a Node.js without `hash` must reach the check that refuses it.
import crypto from "node:crypto";
import { ConnectorsError, type Episode, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
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

/** The stored form of an item. An episode lies in the body as JSON. */
export function encodeItem(item: InboxItem): EncodedItem {
  const { kind, name } = item.source;
  const { receivedAtMs } = item;
  if (item.type === "episode") {
    const body = Buffer.from(toJson(item.episode));
    const meta: Meta = { receivedAtMs };
    const episodeHash = hashEpisode(item.source, item.episode);
    return { stored: { kind, name, itemType: "episode", meta: toJson(meta), episodeHash, bodyBytes: body.byteLength }, body };
  }
  const id = item.id === undefined ? {} : { id: item.id };
  const meta: Meta = item.type === "event" ? { receivedAtMs, ...id, headers: item.headers } : { receivedAtMs, ...id };
  const body = item.type === "event" ? item.body : noBody;
  return { stored: { kind, name, itemType: item.type, meta: toJson(meta), episodeHash: null, bodyBytes: body.byteLength }, body };
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
  }
}

/** The same for the same episode of the same source. */
function hashEpisode(source: SourceKey, { subject, idempotency_key }: Episode): Uint8Array {
  return crypto.hash("sha256", JSON.stringify([formatSourceKey(source), subject, idempotency_key]), "buffer").subarray(0, 16);
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
