import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import type { Delivery } from "../delivery/delivery.ts";
import type { DeliveryState } from "../delivery/sink-health.ts";

/** What is being sent when a stop begins may still arrive within this time. */
const graceMs = 1_000;

interface SinkAtStopOptions {
  readonly delivery: Pick<Delivery, "state" | "nextAttemptAtMs" | "onStateChange">;
  readonly clock: Clock;
  /** When the stop has to be over. */
  readonly endsAtMs: number;
  /** The sink takes nothing for now. */
  readonly onDown: (state: DeliveryState) => void;
  /** It still takes nothing a second later: waiting for it would only take time. */
  readonly onStillDown: () => void;
}

/** Watches during a stop whether the sink takes anything before the stop has to be over; the returned function ends it. */
function watchSinkAtStop({ delivery, clock, endsAtMs, onDown, onStillDown }: SinkAtStopOptions): () => void {
  let cancel: (() => void) | undefined;
  const look = () => {
    if (!isDown(delivery, endsAtMs)) {
      cancel?.();
      cancel = undefined;
    } else if (cancel === undefined) {
      cancel = clock.after(graceMs, onStillDown);
      onDown(delivery.state);
    }
  };
  look();
  const unsubscribe = delivery.onStateChange(look);
  return () => {
    unsubscribe();
    cancel?.();
  };
}

function isDown({ state, nextAttemptAtMs }: SinkAtStopOptions["delivery"], endsAtMs: number): boolean {
  switch (state.status) {
    case "up":
      return false;
    case "limited":
      return nextAttemptAtMs !== undefined && nextAttemptAtMs > endsAtMs;
    case "failing":
    case "stopped":
      return true;
  }
}

export interface LeaveParts extends Pick<SinkAtStopOptions, "delivery" | "clock"> {
  readonly logger: Logger;
  readonly sink: { readonly description: string };
}

export interface LeaveOptions {
  readonly drainMs: number;
  /** Whether what waits in the inbox ends with this process. */
  readonly losesInbox: boolean;
  readonly leave: () => void;
}

/** Ends a drain early while the sink takes nothing, unless events would be lost with it, and logs which of the two happens. */
export function leaveSinkThatIsDown({ delivery, clock, logger, sink }: LeaveParts, options: LeaveOptions): () => void {
  const { drainMs, losesInbox, leave } = options;
  return watchSinkAtStop({
    delivery,
    clock,
    endsAtMs: clock.now() + drainMs,
    onDown({ status, reason }) {
      const facts = { sink: sink.description, status, reason };
      if (losesInbox)
        logger.warn("the sink takes nothing: waiting for it, because the inbox is in memory", { ...facts, drain_ms: drainMs });
      else logger.warn("the sink takes nothing: not waiting for it, the rest is delivered after the next start", facts);
    },
    onStillDown() {
      if (!losesInbox) leave();
    },
  });
}
