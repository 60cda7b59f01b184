import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { defaultInboxLimits, type InboxLimits, InboxShell } from "@statewave-connectors/connector-sdk/inbox";
import { MemoryEngine } from "./memory-engine.ts";

export interface InMemoryInboxOptions {
  readonly limits?: InboxLimits;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** An inbox in this process's memory: for development, tests, and pods that may forget. */
export class InMemoryInbox extends InboxShell {
  constructor({ limits = defaultInboxLimits, clock = systemClock, logger = silentLogger }: InMemoryInboxOptions = {}) {
    super(new MemoryEngine({ limits, clock, logger }), clock);
  }
}
