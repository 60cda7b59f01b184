import type { Clock } from "@statewave-connectors/connector-sdk";
import type { Connection } from "../server/connection.ts";

/** Servers end an IDLE after 30 minutes, and routers forget a silent connection much sooner. */
const renewMs = 5 * 60_000;
/** Without IDLE, news come with the answer to a NOOP. */
const pollMs = 60_000;

/**
 * Waits on a connection with an open folder until the signal aborts. Every few minutes the server has to answer a NOOP: a connection that was
 * dropped silently is found by that, and so is news that the server has kept to itself.
 *
 * @throws what shows that the connection is gone.
 */
export async function watchFolder(connection: Connection, clock: Clock, signal: AbortSignal): Promise<never> {
  const canIdle = connection.offers("IDLE");
  for (;;) {
    if (canIdle) connection.idle();
    await pause(connection, canIdle ? renewMs : pollMs, clock, signal);
    await connection.noop();
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
