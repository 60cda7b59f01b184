import { formatSourceKey, type Logger, type SourceKey } from "@statewave-connectors/connector-sdk";
import type { TickOutcome } from "./run-tick.ts";

/** Logs how a tick ended: what failed as an error, what brought something as info, the rest as debug. */
export function logTick(logger: Logger, source: SourceKey, outcome: TickOutcome, failuresInARow: number): void {
  const where = { source: formatSourceKey(source) };
  if (outcome.type === "failed") {
    logger.error(`tick failed while it ${outcome.phase === "sync" ? "read the source" : "delivered"}`, {
      ...where,
      failures_in_a_row: failuresInARow,
      error: outcome.error,
    });
    return;
  }
  const { episodes, delivered, buried, skipped } = outcome.report;
  const facts = { ...where, episodes, delivered, buried, skipped };
  if (outcome.type === "partial") logger.info(`tick ended early (${outcome.reason}); the rest follows`, facts);
  else if (episodes > 0) logger.info("tick done", facts);
  else logger.debug("tick done, nothing new", facts);
}
