import type { BuriedFailedItem } from "@statewave-connectors/connector-sdk/inbox";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { OpenedEntries } from "../composition/live-entries.ts";
import type { MappingEntry } from "./map-again.ts";

/** The entry that a failed item is mapped by, with the connector of today; undefined when it has left the configuration. */
export function ownerOf(entries: OpenedEntries, { source, direction }: BuriedFailedItem): MappingEntry | undefined {
  const key = formatSourceKey(source);
  if (direction === "pull") {
    const pull = entries.pulls.find((candidate) => formatSourceKey(candidate.key) === key);
    return pull && { mapper: pull.source, subject: pull.entry.subject, connectorVersion: pull.connectorVersion };
  }
  const push = entries.pushes.find((candidate) => formatSourceKey(candidate.key) === key);
  return push && { mapper: push.receiver, subject: push.entry.subject, connectorVersion: push.connectorVersion };
}
