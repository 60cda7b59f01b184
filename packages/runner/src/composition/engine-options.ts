import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { GivenAdapters } from "@statewave-connectors/config/adapters";
import type { Clock, Connector, Logger } from "@statewave-connectors/connector-sdk";
import type { Telemetry } from "@statewave-connectors/connector-sdk/host";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import type { DeliveryObserver } from "../delivery/delivery-options.ts";
import type { Privacy } from "../privacy/privacy.ts";
import type { PullObserver } from "../pull/pull-observer.ts";
import type { RunListener } from "../pull/run-listener.ts";
import type { Ingest } from "../sinks/ingest-sink.ts";
import type { RequestObserver } from "../sinks/request-observer.ts";

/** What may be given from outside; what is given is used as it is and not closed. */
export interface EngineOptions {
  readonly config: ConnectorsConfig;
  /** By kind. Default: loaded as the configuration says. */
  readonly connectors?: ReadonlyMap<string, Connector>;
  /** Store and inbox packages as objects, by kind; others are found by name. */
  readonly cursorStores?: GivenAdapters["cursorStores"];
  readonly inboxes?: GivenAdapters["inboxes"];
  /** Where episodes go instead of `[statewave] url`. */
  readonly ingest?: Ingest;
  readonly cursorStore?: CursorStore;
  readonly inbox?: Inbox;
  readonly logger: Logger;
  /** Where traces go. Default: nothing is traced. */
  readonly telemetry?: Telemetry | undefined;
  /** Opened before. Default: as the configuration says. */
  readonly privacy?: Privacy;
  /** For connectors and for the Statewave sink, instead of ours; it decides itself about proxies and authorities, whatever `[runner.http]` says. */
  readonly fetchImpl?: typeof globalThis.fetch;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** File URLs or folders where connector and adapter packages are looked for, besides the configuration's own folder. */
  readonly resolveFrom?: readonly string[];
  /**
   * How long a source belongs to a process that gives no sign of life: when it died, another process resumes its run after that time. It is
   * renewed at each third of it, so the store has to answer well within that. Default 30,000.
   */
  readonly leaseTtlMs?: number;
}

export interface EngineObservers {
  readonly pull: PullObserver;
  readonly delivery: DeliveryObserver;
  readonly sinkRequest: RequestObserver;
  readonly runs?: RunListener | undefined;
}
