import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { expect, test } from "vitest";
import { importRecords } from "../../src/commands/state/move-records.ts";

async function missing(): Promise<never> {
  throw new ConnectorsError({ code: "STORE_RECORDS_MISSING", message: "this state store keeps no records" });
}

/** A store of another package, which keeps cursors only. */
const records: StoreRecords = { get: missing, compareAndSet: missing, list: missing, scopes: missing };

test("an import into a store without records leaves out what it can do without, and is refused for secrets", async () => {
  const target = { records, secretRecords: records };
  const pause = { scope: "pauses", key: "a", value: "{}" };
  expect(await importRecords(target, [pause], 0)).toBe(0);
  const secret = { scope: "secret/pull/desk/a", key: "refresh-token", value: "{}" };
  await expect(importRecords(target, [pause, secret], 0)).rejects.toMatchObject({ code: "STORE_RECORDS_MISSING" });
});
