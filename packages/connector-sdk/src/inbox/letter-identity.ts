import { formatSourceKey } from "../contract/source.ts";
import type { DeadLetter, InboxItem } from "./inbox.ts";

/**
 * What makes two burials the same letter, as text that any hash takes; undefined for an event: each is a letter of its own.
 * JSON escapes lone surrogates, which would otherwise be hashed alike.
 */
export function letterIdentity(item: InboxItem): string | undefined {
  const source = formatSourceKey(item.source);
  if (item.type === "episode") return JSON.stringify([source, item.episode.subject, item.episode.idempotency_key]);
  // No source is called "item": its name has a slash.
  return item.type === "item" ? JSON.stringify(["item", source, item.id]) : undefined;
}

/** The type of the letter that an item becomes. */
export function letterType(itemType: InboxItem["type"]): DeadLetter["type"] {
  return itemType === "trigger" ? "event" : itemType;
}

/** The provider's id, by which duplicates are recognised; undefined for what never is a duplicate. */
export function eventId(item: InboxItem): string | undefined {
  return item.type === "event" || item.type === "trigger" ? item.id : undefined;
}
