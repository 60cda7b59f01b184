import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { CursorStore, StoreRecords } from "@statewave-connectors/connector-sdk/store";

/** The records of a store. Throws `STORE_RECORDS_MISSING` for a store of another package that keeps none. */
export function requireRecords({ records }: Pick<CursorStore, "records">): StoreRecords {
  if (records !== undefined) return records;
  throw new ConnectorsError({
    code: "STORE_RECORDS_MISSING",
    message: "this state store keeps no records",
    hint: "update the package of the store, or use the file, postgres or redis kind",
  });
}
