import type { PullEntry } from "@statewave-connectors/config";
import type { ConnectorsError, PullSource, Right, SourceKey } from "@statewave-connectors/connector-sdk";
import type { Capability, SeedPoint } from "@statewave-connectors/connector-sdk/host";

/** A `[[pull.<kind>]]` entry with its connector opened. */
export interface OpenedPull {
  readonly key: SourceKey;
  readonly entry: PullEntry;
  readonly connectorVersion: string;
  readonly source: PullSource;
  /** Why its connector could not open it; `source` then fails whatever it is used for. */
  readonly fault?: ConnectorsError | undefined;
  /** A cursor with which its connector begins at a moment; absent: it is not able to. */
  readonly seed?: ((start: SeedPoint) => string) | undefined;
  /** What its token needs, as its connector declares it. */
  readonly rights?: readonly Right[];
  /** The capabilities of its connector; see `capabilitiesOf`. */
  readonly capabilities?: readonly Capability[];
  /** Whether a receiver names it as its twin. An episode of it that is new to Statewave is one that push missed. */
  readonly isTwin: boolean;
}
