// Imported whole: a Node.js without `hash` must reach the check that refuses it.
import crypto from "node:crypto";
import type { Episode } from "../contract/episode.ts";
import { ConnectorsError } from "../contract/errors.ts";
import type { SourceKey } from "../contract/source.ts";
import type { InboxItem, BuriedFailedItem } from "./inbox.ts";
import { eventId, letterIdentity } from "./letter-identity.ts";

/*
 * The parts of an item that inboxes store. Releases read what earlier ones wrote: the order of keys and the hash stay as they are.
 */

/** An item in the parts that a store keeps: the source, and beside the body its type and the rest as JSON. */
export interface ItemParts {
  readonly type: InboxItem["type"];
  readonly source: SourceKey;
  readonly meta: string;
  readonly body: Uint8Array;
}

interface Meta {
  readonly receivedAtMs: number;
  readonly id?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly part?: string;
}

/** What a failed item holds beside its source and its time. */
export type FailedItemContent = Pick<BuriedFailedItem, "direction" | "id" | "raw" | "yielded">;

const noBody = new Uint8Array();

/** JSON of everything but the type, the source and the body. It keeps every string as it is, lone surrogates included. */
export function itemMeta(item: InboxItem): string {
  const { receivedAtMs } = item;
  const id = eventId(item);
  const headers = item.type === "event" ? { headers: item.headers } : {};
  const part = item.type === "trigger" && item.part !== undefined ? { part: item.part } : {};
  return itemJson({ receivedAtMs, ...(id === undefined ? {} : { id }), ...headers, ...part } satisfies Meta);
}

/** The provider's id in what {@link itemMeta} made. */
export function metaId(meta: string): string | undefined {
  return (JSON.parse(meta) as Meta).id;
}

/** The body: of an event its bytes, not copied; of an episode or a failed item its JSON. */
export function itemBody(item: InboxItem): Uint8Array {
  switch (item.type) {
    case "event":
      return item.body;
    case "trigger":
      return noBody;
    case "episode":
      return Buffer.from(itemJson(item.episode));
    case "item":
      return Buffer.from(itemJson(failedItemContent(item)));
  }
}

/** The inverse of {@link itemMeta} and {@link itemBody}. */
export function toItem({ type, source, meta, body }: ItemParts): InboxItem {
  const { receivedAtMs, id, headers, part } = JSON.parse(meta) as Meta;
  const identity = { source, receivedAtMs, ...(id === undefined ? {} : { id }) };
  switch (type) {
    case "event":
      return { type, ...identity, headers: headers ?? {}, body };
    case "trigger":
      return { type, ...identity, ...(part === undefined ? {} : { part }) };
    case "episode":
      return { type, source, receivedAtMs, episode: JSON.parse(textOf(body)) as Episode };
    case "item":
      return { type, source, receivedAtMs, ...(JSON.parse(textOf(body)) as FailedItemContent) };
  }
}

export function failedItemContent({ direction, id, raw, yielded }: BuriedFailedItem): FailedItemContent {
  return { direction, id, raw, yielded };
}

/** SHA-256 of what makes two burials the same letter; undefined for an event: each is a letter of its own. */
export function letterHash(item: InboxItem): Buffer | undefined {
  const identity = letterIdentity(item);
  return identity === undefined ? undefined : crypto.hash("sha256", identity, "buffer");
}

/** JSON of a part of an item. Throws `INBOX_ITEM_INVALID`. */
export function itemJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new ConnectorsError({
      code: "INBOX_ITEM_INVALID",
      message: `an inbox item cannot be stored: ${error instanceof Error ? error.message : String(error)}`,
      hint: "make its headers, episode or raw content JSON: no cycles, no BigInt",
      cause: error,
    });
  }
}

function textOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
}
