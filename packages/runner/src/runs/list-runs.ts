import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceState, StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { RunAccount } from "./run-account.ts";
import { withoutDeadRuns } from "./run-history.ts";
import { RunRecords } from "./run-records.ts";

export interface RunsOf {
  readonly records: StoreRecords;
  readonly listState: () => Promise<readonly SourceState[]>;
}

/** The accounts of a source's runs, the latest first. A run under way whose process has no lease any more counts as killed. */
export async function listRuns({ records, listState }: RunsOf, source: SourceKey): Promise<readonly RunAccount[]> {
  const history = await new RunRecords(records).history(source);
  if (!history.some(({ outcome }) => outcome === "running")) return history.toReversed();
  const key = formatSourceKey(source);
  const state = (await listState()).find((each) => formatSourceKey(each.source) === key);
  return withoutDeadRuns(history, state?.lease === undefined ? undefined : state.epoch).toReversed();
}
