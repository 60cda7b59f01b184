import type { Clock } from "@statewave-connectors/connector-sdk";

/** What waits in the inbox while the sink takes nothing. */
export interface WaitingEvents {
  readonly depth: number;
  readonly oldestAcceptedAtMs?: number | undefined;
}

/** Undefined when the inbox does not answer. */
export type ReadWaitingEvents = () => Promise<WaitingEvents | undefined>;

/** Calls `report` with what waits, as log fields: at once where nothing can be counted, else when it is counted. */
export function withWaitingEvents(
  read: ReadWaitingEvents | undefined,
  clock: Clock,
  report: (fields: Readonly<Record<string, number>>) => void,
): void {
  if (read === undefined) {
    report({});
    return;
  }
  void read()
    .catch(() => undefined)
    .then((events) => report(events === undefined ? {} : toFields(events, clock.now())));
}

function toFields({ depth, oldestAcceptedAtMs }: WaitingEvents, nowMs: number): Readonly<Record<string, number>> {
  const oldestWaitingMs = oldestAcceptedAtMs === undefined ? 0 : Math.max(0, nowMs - oldestAcceptedAtMs);
  return { waiting_events: depth, oldest_waiting_ms: oldestWaitingMs };
}
