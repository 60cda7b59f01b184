import type { FailedItem, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { type BuryFailedItem, buryFailures } from "../pages/bury-failures.ts";
import { PageFailures } from "../pages/failures.ts";
import { logItemsBuried } from "../pages/log-items-buried.ts";
import type { PullObserver } from "../pull/pull-observer.ts";

export interface KeepFailedOptions {
  readonly source: SourceKey;
  readonly buryFailedItem: BuryFailedItem;
  readonly observer: Pick<PullObserver, "itemsFailed">;
  readonly logger: Logger;
}

/** Makes dead letters of what a wait cannot read, as a run does of the failed items of a page. */
export async function keepFailed(
  failed: readonly FailedItem[],
  { source, buryFailedItem, observer, logger }: KeepFailedOptions,
  signal: AbortSignal,
): Promise<void> {
  const failures = new PageFailures();
  for (const each of failed) failures.add(each);
  if (failures.all.length === 0) return;
  await buryFailures(failures.all, { source, direction: "pull", subject: undefined, buryFailedItem, signal });
  observer.itemsFailed(source, failures.all.length);
  logItemsBuried(logger, { source }, failures.all);
}
