import { type InboxItem, itemJson } from "@statewave-connectors/connector-sdk/inbox";

/** A copy that shares nothing with the original, as if it had been stored: the caller may continue to use its buffer. */
export function copyItem(item: InboxItem): InboxItem {
  const source = { ...item.source };
  switch (item.type) {
    case "event":
      return { ...item, source, headers: { ...item.headers }, body: new Uint8Array(item.body) };
    case "trigger":
      return { ...item, source };
    case "episode":
      return { ...item, source, episode: JSON.parse(itemJson(item.episode)) };
    case "item":
      return { ...JSON.parse(itemJson(item)), source };
  }
}
