import type { PullEntry } from "@statewave-connectors/config";
import type { PullSource, SourceKey } from "@statewave-connectors/connector-sdk";

/** A `[[pull.<kind>]]` entry with its connector opened. */
export interface OpenedPull {
  readonly key: SourceKey;
  readonly entry: PullEntry;
  readonly connectorVersion: string;
  readonly source: PullSource;
  /** Whether a receiver names it as its twin: what it then brings that Statewave had not had, push missed. */
  readonly isTwin: boolean;
}
