import type { PullEntry } from "@statewave-connectors/config";
import type { PullSource, SourceKey } from "@statewave-connectors/connector-sdk";

/** A `[[pull.<kind>]]` entry with its connector opened. */
export interface OpenedPull {
  readonly key: SourceKey;
  readonly entry: PullEntry;
  readonly connectorVersion: string;
  readonly source: PullSource;
}
