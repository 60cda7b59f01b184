import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceState, StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { CursorSinkRecords } from "./cursor-sink-records.ts";
import { isForeign, otherSinks, sinkOf } from "./cursor-sinks.ts";
import type { SinkIdentity } from "./sink-identity.ts";

export interface ForeignCursorsOptions {
  /** The configured one. */
  readonly sink: SinkIdentity;
  readonly records: StoreRecords;
  readonly states: readonly SourceState[];
}

/** The sinks of stored cursors that belong to another than the configured one, by `kind/name`. Empty when the store keeps no records. */
export async function foreignCursors({
  sink,
  records,
  states,
}: ForeignCursorsOptions): Promise<ReadonlyMap<string, readonly string[]>> {
  const sinks = await new CursorSinkRecords(records).read().catch((error: unknown) => {
    // The second comes from the running process of an older release.
    if (isConnectorsError(error, "STORE_RECORDS_MISSING") || isConnectorsError(error, "RUNNER_CONTROL_REQUEST")) return undefined;
    throw error;
  });
  const found = new Map<string, readonly string[]>();
  for (const { source, cursor } of states) {
    const key = formatSourceKey(source);
    const cursorSink = sinks && sinkOf(sinks, key);
    if (cursor !== undefined && cursorSink !== undefined && isForeign(cursorSink, sink))
      found.set(key, otherSinks(cursorSink, sink));
  }
  return found;
}
