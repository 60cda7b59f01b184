import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";

/** A copy that shares nothing with the original, as if it had been stored: the caller may go on using its buffer. */
export function copyItem(item: InboxItem): InboxItem {
  const source = { ...item.source };
  switch (item.type) {
    case "event":
      return { ...item, source, headers: { ...item.headers }, body: new Uint8Array(item.body) };
    case "trigger":
      return { ...item, source };
    case "episode":
      return { ...item, source, episode: JSON.parse(toJson(item.episode)) };
    case "item":
      return { ...JSON.parse(toJson(item)), source };
  }
}

/** Bytes of an item's body; the body of an episode or an unmapped item is its JSON. */
export function bytesOf(item: InboxItem): number {
  switch (item.type) {
    case "event":
      return item.body.byteLength;
    case "trigger":
      return 0;
    case "episode":
      return Buffer.byteLength(toJson(item.episode));
    case "item":
      return Buffer.byteLength(toJson(item));
  }
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new ConnectorsError({
      code: "INBOX_ITEM_INVALID",
      message: `an inbox item cannot be stored: ${error instanceof Error ? error.message : String(error)}`,
      hint: "make the episode or item JSON: no cycles, no BigInt",
      cause: error,
    });
  }
}
