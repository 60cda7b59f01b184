import type { Clock } from "@statewave-connectors/connector-sdk";
import type { Connection } from "../server/connection.ts";

/** Without IDLE, news come with the answer to a NOOP. */
const pollMs = 60_000;
/** While nothing else is requested, a server that is there answers at once. */
const answerLimitMs = 20_000;

/** How often the server is polled. */
export interface WatchPace {
  readonly clock: Clock;
  /** Without IDLE at least every minute. */
  readonly renewMs: number;
}

/**
 * Waits on a connection with an open folder until the signal aborts. Every `renewMs`, without IDLE at least every minute,
 * the server has to answer a NOOP: a connection that was dropped silently is found by that, and so is news that the server has kept to itself.
 *
 * @throws what shows that the connection is gone.
 */
export async function watchFolder(connection: Connection, { clock, renewMs }: WatchPace, signal: AbortSignal): Promise<never> {
  const canIdle = connection.offers("IDLE");
  for (;;) {
    if (canIdle) connection.idle();
    await pause(connection, canIdle ? renewMs : Math.min(renewMs, pollMs), clock, signal);
    await connection.noop(answerLimitMs);
  }
}

/** Ends early when the connection is closed. */
function pause(connection: Connection, delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      cancel();
      stopListening();
      signal.removeEventListener("abort", end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const cancel = clock.after(delayMs, end);
    const stopListening = connection.onClose(end);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted || !connection.isOpen) end();
  });
}
