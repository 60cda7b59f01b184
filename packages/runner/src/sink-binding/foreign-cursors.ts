import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceState, StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { CursorSinkRecords } from "./cursor-sink-records.ts";
import { isForeign, otherSinks, sinkOf } from "./cursor-sinks.ts";
import { configuredSink, type SinkIdentityOptions } from "./sink-identity.ts";

export interface ForeignCursorsOptions {
  /** Names the sink. */
  readonly config: SinkIdentityOptions;
  readonly records: StoreRecords;
  readonly states: readonly SourceState[];
}

/** The sinks of stored cursors that belong to another than the configured one, by `kind/name`. Empty when the store keeps no records. */
export async function foreignCursors({
  config,
  records,
  states,
}: ForeignCursorsOptions): Promise<ReadonlyMap<string, readonly string[]>> {
  const configured = configuredSink(config);
  const sinks = await new CursorSinkRecords(records).read().catch((error: unknown) => {
    // The second comes from the running process of an older release.
    if (isConnectorsError(error, "STORE_RECORDS_MISSING") || isConnectorsError(error, "RUNNER_CONTROL_REQUEST")) return undefined;
    throw error;
  });
  const found = new Map<string, readonly string[]>();
  for (const { source, cursor } of states) {
    const key = formatSourceKey(source);
    const cursorSink = sinks && sinkOf(sinks, key);
    if (cursor !== undefined && cursorSink !== undefined && isForeign(cursorSink, configured))
      found.set(key, otherSinks(cursorSink, configured));
  }
  return found;
}
