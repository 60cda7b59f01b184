import { type PushEntry, receiverPath } from "@statewave-connectors/config";
import type { PushReceiver, SourceKey } from "@statewave-connectors/connector-sdk";

/** A `[[push.<kind>]]` entry with its connector opened. */
export interface OpenedPush {
  readonly key: SourceKey;
  readonly entry: PushEntry;
  readonly connectorVersion: string;
  readonly receiver: PushReceiver;
  /** What the connector says its provider sends at most. */
  readonly maxBodyBytes: number | undefined;
}

/** Where a receiver is mounted. */
export function mountPath(key: SourceKey): string {
  return receiverPath(key.kind, key.name);
}
