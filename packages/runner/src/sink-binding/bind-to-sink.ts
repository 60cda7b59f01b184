import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { Clock, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import type { Ingest } from "../sinks/ingest-sink.ts";
import { isShared } from "../state/is-shared.ts";
import { ProcessRecord } from "./process-record.ts";
import { SinkBinding } from "./sink-binding.ts";
import { configuredSink } from "./sink-identity.ts";

export interface BindToSinkOptions {
  readonly config: Pick<ConnectorsConfig, "statewave" | "baseDir" | "pull">;
  readonly ingest?: Ingest | undefined;
  readonly store: CursorStore;
  readonly logger: Logger;
}

/** Reads which sink the cursors of a store belong to. Writes nothing. */
export function readBinding({ config, ingest, store, logger }: BindToSinkOptions): Promise<SinkBinding> {
  const sources = config.pull.map(({ kind, name }): SourceKey => ({ kind, name }));
  return SinkBinding.open({ store, sink: configuredSink({ ...config, ingest }), sources, logger });
}

/** Registers this process among those that share the store; undefined where no other process can. */
export async function joinProcesses(
  { config, ingest, store, logger }: BindToSinkOptions,
  { owner, clock }: { readonly owner: string; readonly clock: Clock },
): Promise<ProcessRecord | undefined> {
  if (store.records === undefined || !isShared(store)) return undefined;
  return ProcessRecord.join({ records: store.records, sink: configuredSink({ ...config, ingest }), owner, clock, logger });
}
