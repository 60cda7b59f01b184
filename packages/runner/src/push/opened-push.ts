import type { PushEntry } from "@statewave-connectors/config";
import { receiverPath } from "@statewave-connectors/config/result";
import type { ConnectorsError, PushReceiver, Right, SourceKey } from "@statewave-connectors/connector-sdk";
import type { Capability } from "@statewave-connectors/connector-sdk/host";

/** A `[[push.<kind>]]` entry with its connector opened. */
export interface OpenedPush {
  readonly key: SourceKey;
  readonly entry: PushEntry;
  readonly connectorVersion: string;
  readonly receiver: PushReceiver;
  /** Why its connector could not open it; `receiver` then fails whatever it is given. */
  readonly fault?: ConnectorsError | undefined;
  /** See `OpenedPull`. */
  readonly rights?: readonly Right[];
  /** See `OpenedPull`. */
  readonly capabilities?: readonly Capability[];
  /** What the connector says its provider sends at most. */
  readonly maxBodyBytes: number | undefined;
}

/** Where a receiver is mounted; with `basePath`, as a sender behind the proxy sees it. */
export function mountPath({ key, entry }: Pick<OpenedPush, "key" | "entry">, basePath = ""): string {
  return basePath + (entry.path ?? receiverPath(key.kind, key.name));
}
