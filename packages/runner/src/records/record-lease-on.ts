import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { RecordLeaseOptions } from "./record-lease.ts";

/** A lease for `work` that is the record of this name. */
export function recordLeaseOn(
  records: StoreRecords,
  scope: string,
  work: string,
): Pick<RecordLeaseOptions, "record" | "work" | "lost"> {
  return {
    work,
    record: {
      get: () => records.get(scope, work),
      async write(value, expectedVersion, ttlMs) {
        const result = await records.compareAndSet({ scope, key: work, value, expectedVersion, ttlMs });
        return result.stored ? result.version : undefined;
      },
    },
    lost: (why) =>
      new ConnectorsError({
        code: "STORE_LEASE_LOST",
        message: `the lease for "${work}" is lost: ${why}`,
        hint: "look at the log of the process that holds it now",
        retryable: true,
      }),
  };
}
