import type { Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { CheckedFailedItem } from "./failures.ts";

/** Where the items come from. */
interface BuriedItems {
  readonly source: SourceKey;
  /** Absent: they were found outside of a run. */
  readonly runId?: string;
}

/** Warns of items that could not be mapped: once for all that were found together, with the first of them. */
export function logItemsBuried(logger: Logger, { source, runId }: BuriedItems, failures: readonly CheckedFailedItem[]): void {
  const [first] = failures;
  logger.warn("items cannot be mapped and are now dead letters", {
    source: formatSourceKey(source),
    run_id: runId,
    items: failures.length,
    first: first?.id,
    reason: first?.reason,
    hint: "look at them with `dead-letters list`: an inbox in memory forgets them when its process ends",
  });
}
