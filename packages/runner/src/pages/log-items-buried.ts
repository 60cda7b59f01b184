import type { Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { Failure } from "./failures.ts";

/** Warns of items that could not be mapped: once a page, with the first of them. */
export function logItemsBuried(logger: Logger, source: SourceKey, failures: readonly Failure[]): void {
  const [first] = failures;
  logger.warn("items cannot be mapped and are now dead letters", {
    source: formatSourceKey(source),
    items: failures.length,
    first: first?.id,
    reason: first?.reason,
    hint: "look at them with `dead-letters list`",
  });
}
