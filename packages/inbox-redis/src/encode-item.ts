import { isUtf8 } from "node:buffer";
// Imported whole: a Node.js without `hash` must reach the check that refuses it.
import crypto from "node:crypto";
import type { Episode } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import {
  type InboxItem,
  itemJson,
  letterHash,
  type FailedItemContent,
  failedItemContent,
} from "@statewave-connectors/connector-sdk/inbox";

/** An item as it lies in Redis. */
export interface EncodedItem {
  /** `kind/name` of its source. */
  readonly source: string;
  /** Of its body. */
  readonly bytes: number;
  readonly stored: StoredItem;
}

/** A body that is text lies there as text, so that a person can read it; any other as base64. */
type StoredBody = { readonly text: string } | { readonly base64: string };

/** Everything but the source. It is stored as JSON, which keeps lone surrogates and NUL by escaping them. */
export type StoredItem =
  | ({
      readonly type: "event";
      readonly id?: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly at: number;
    } & StoredBody)
  | { readonly type: "trigger"; readonly id?: string; readonly part?: string; readonly at: number }
  | { readonly type: "episode"; readonly episode: Episode; readonly at: number }
  /** `text` is JSON. With `headers`, so that a version that knows no failed items reads an event. */
  | { readonly type: "item"; readonly headers: Readonly<Record<string, never>>; readonly text: string; readonly at: number };

/** Made within the call, so that the caller may use the buffer of the item again. */
export function encodeItem(item: InboxItem): EncodedItem {
  const source = formatSourceKey(item.source);
  const at = item.receivedAtMs;
  switch (item.type) {
    case "event": {
      const { id, headers, body } = item;
      const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      const stored = isUtf8(bytes) ? { text: bytes.toString("utf8") } : { base64: bytes.toString("base64") };
      return { source, bytes: body.byteLength, stored: { type: "event", at, ...withId(id), headers, ...stored } };
    }
    case "trigger":
      return { source, bytes: 0, stored: { type: "trigger", at, ...withId(item.id), ...withPart(item.part) } };
    case "episode": {
      const stored: StoredItem = { type: "episode", at, episode: item.episode };
      return { source, bytes: Buffer.byteLength(itemJson(stored)), stored };
    }
    case "item": {
      const text = itemJson(failedItemContent(item));
      return { source, bytes: Buffer.byteLength(text), stored: { type: "item", at, headers: {}, text } };
    }
  }
}

/** The inverse of {@link encodeItem}. */
export function decodeItem(sourceText: string, stored: StoredItem): InboxItem {
  const source = parseSourceKey(sourceText);
  if (source === undefined) throw new Error(`${JSON.stringify(sourceText)} names no source`);
  if (stored.type === "episode") return { type: "episode", source, episode: stored.episode, receivedAtMs: stored.at };
  if (stored.type === "item") {
    return { type: "item", source, receivedAtMs: stored.at, ...(JSON.parse(stored.text) as FailedItemContent) };
  }
  const identity = { source, receivedAtMs: stored.at, ...withId(stored.id) };
  if (stored.type === "trigger") return { type: "trigger", ...identity, ...withPart(stored.part) };
  const body = "text" in stored ? Buffer.from(stored.text, "utf8") : Buffer.from(stored.base64, "base64");
  return { type: "event", ...identity, headers: stored.headers, body };
}

/** An id that a provider chose, in a form that any key may hold. */
export function hashId(id: string): string {
  return crypto.hash("sha256", JSON.stringify(id), "base64url");
}

/** What an item's letter is the letter of, when it need not be the only one of its kind. */
export function letterSubject(item: InboxItem): string | undefined {
  const hash = letterHash(item);
  return hash === undefined ? undefined : `${item.type} ${hash.toString("base64url")}`;
}

function withId(id: string | undefined): { readonly id?: string } {
  return id === undefined ? {} : { id };
}

function withPart(part: string | undefined): { readonly part?: string } {
  return part === undefined ? {} : { part };
}
