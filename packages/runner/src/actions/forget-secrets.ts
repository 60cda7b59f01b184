import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { storageScope, type StoreRecord, type StoreRecords } from "@statewave-connectors/connector-sdk/store";

/** What the entries of this name keep in their storage, in both directions. */
export async function storedSecrets(secretRecords: StoreRecords, source: SourceKey): Promise<readonly StoreRecord[]> {
  const scopes = (["pull", "push"] as const).map((direction) => storageScope(direction, source));
  return (await Promise.all(scopes.map((scope) => secretRecords.list(scope)))).flat();
}

/** Forgets it, also what cannot be decrypted. One that is replaced at this moment stays. */
export async function forgetSecrets(
  secretRecords: StoreRecords,
  source: SourceKey,
): Promise<{ readonly stored: number; readonly deleted: number }> {
  const values = await storedSecrets(secretRecords, source);
  let deleted = 0;
  for (const { scope, key, version } of values) {
    const result = await secretRecords.compareAndSet({ scope, key, expectedVersion: version });
    if (result.stored) deleted += 1;
  }
  return { stored: values.length, deleted };
}
