// Imported whole: a Node.js without `hash` must reach the check that refuses it.
import crypto, { randomUUID } from "node:crypto";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import { type InboxItem, letterHash } from "@statewave-connectors/connector-sdk/inbox";

const prefix = "inbox/";
/** Any fixed UUID would do; this one was drawn for this purpose. */
const namespace = Buffer.from("6c1f2b0e-8f1d-4e55-9a3c-0d9a5a7c2b41".replaceAll("-", ""), "hex");

/** The queue of a source: each has its own, so that one with very many items neither hides nor slows down another. */
export function toQueueName(source: SourceKey): string {
  return prefix + formatSourceKey(source);
}

/** The inverse of {@link toQueueName}; undefined for a queue that is not ours. */
export function parseQueueName(name: string): SourceKey | undefined {
  return name.startsWith(prefix) ? parseSourceKey(name.slice(prefix.length)) : undefined;
}

/** The id of an item's job: the same for the same event of the same source, which is what makes it a duplicate. */
export function toJobId(source: SourceKey, eventId: string | undefined): string {
  if (eventId === undefined) return randomUUID();
  // As JSON: half a surrogate pair is escaped there, and would otherwise be hashed like any other.
  return uuidV5(JSON.stringify([source.kind, source.name, eventId]));
}

/** What makes two burials the same letter; undefined for an event: each is a letter of its own. */
export function toLetterKey(item: InboxItem): string | undefined {
  return letterHash(item)?.toString("base64url");
}

/** RFC 9562 §5.5. */
function uuidV5(name: string): string {
  const bytes = crypto.hash("sha1", Buffer.concat([namespace, Buffer.from(name)]), "buffer").subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
