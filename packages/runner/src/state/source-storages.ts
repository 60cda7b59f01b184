import type { Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import type { SourceStorage } from "@statewave-connectors/connector-sdk/host";
import { RecordStorage, storageScope, type StoreRecords, type ValueSeal } from "@statewave-connectors/connector-sdk/store";

/** The storage of an entry. */
export type StorageOf = (direction: "pull" | "push", source: SourceKey) => SourceStorage;

/** The storages of entries, on the records of the state. */
export function storagesOn(records: () => Promise<StoreRecords>, seal: ValueSeal): StorageOf {
  return (direction, source) => new RecordStorage({ records, scope: storageScope(direction, source), seal });
}

/** `records`, with a warning at the first write: what is written is lost when this process ends. */
export function warningOfLoss(records: StoreRecords, logger: Logger): StoreRecords {
  let isWarned = false;
  return {
    ...records,
    async compareAndSet(write) {
      if (!isWarned) {
        isWarned = true;
        logger.warn("a connector stores a value that ends with this process, such as a token that its provider replaced", {
          scope: write.scope,
          hint: 'set [runner.state] kind to "file", "postgres" or "redis", and use a command that opens it',
        });
      }
      return records.compareAndSet(write);
    },
  };
}
