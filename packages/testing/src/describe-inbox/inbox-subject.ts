import type { Clock } from "@statewave-connectors/connector-sdk";
import type { Inbox, InboxLimits } from "@statewave-connectors/connector-sdk/inbox";

/** What a suite needs to know of an inbox before it opens one. */
export interface InboxCapabilities {
  /** Whose clock decides about windows and retries: the one it is opened with, or its server's. With `server`, cases wait for real. */
  readonly clock: "injected" | "server";
  /** Whether opening it again under the same name finds what was stored. */
  readonly persistent: boolean;
  /** Whether an id is forgotten at the end of its window, or at some time after it. */
  readonly forgetsIds: "at-window" | "later";
  /** Whether several processes may have it open at the same time: then a consumer can give back what it claimed. Default false. */
  readonly shared?: boolean;
  /** With the server's clock: the shortest duration the engine keeps well. Default 1 s. */
  readonly unitMs?: number;
}

/** How one inbox is opened. */
export interface InboxSetting {
  /** Another one for each case. Opened again under the same name, a persistent inbox holds the same items. */
  readonly storeName: string;
  readonly limits: InboxLimits;
  readonly clock: Clock;
}

/** An inbox that the suite is run on. */
export interface InboxSubject {
  readonly name: string;
  readonly capabilities: InboxCapabilities;
  open(setting: InboxSetting): Promise<Inbox>;
}
