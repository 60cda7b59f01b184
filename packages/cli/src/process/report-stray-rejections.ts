import type { Logger } from "@statewave-connectors/connector-sdk";
import { toError } from "@statewave-connectors/connector-sdk/host";

const intervalMs = 60_000;
/** A connector that leaves a promise behind for each item would fill the log. */
const linesPerInterval = 10;

/**
 * Logs a rejected promise that nothing waits for, at most ten in a minute; the next line has the number of the others. Node's default would
 * end the process: one connector that forgets an `await` would stop all sources, again after every restart.
 */
export function reportStrayRejections(process: NodeJS.EventEmitter, logger: Logger, steadyNowMs: () => number): void {
  let interval = { untilMs: Number.NEGATIVE_INFINITY, lines: 0 };
  let unlogged = 0;
  process.on("unhandledRejection", (thrown: unknown) => {
    const nowMs = steadyNowMs();
    if (nowMs >= interval.untilMs) interval = { untilMs: nowMs + intervalMs, lines: 0 };
    interval.lines += 1;
    if (interval.lines > linesPerInterval) {
      unlogged += 1;
      return;
    }
    logger.error("a rejected promise is not handled", {
      error: toError(thrown, "code that runs here"),
      ...(unlogged > 0 && { not_logged: unlogged }),
      hint: "report it to the author of the code that the stack names, most likely a connector: a promise is not awaited there",
    });
    unlogged = 0;
  });
}
