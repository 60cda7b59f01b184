import type { PullEntry } from "@statewave-connectors/config";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { recordLimits, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { optionsHash, parseRenewal, type RenewedWatch, renewalScope } from "../../watches/renewal-record.ts";

/** What providers keep for these sources, by `kind/name`, as any process last renewed it. Of other options it says nothing. */
export async function renewedWatches(
  records: Pick<StoreRecords, "list">,
  pulls: readonly Pick<PullEntry, "kind" | "name" | "options">[],
): Promise<ReadonlyMap<string, RenewedWatch>> {
  const entries = new Map(pulls.map((entry) => [formatSourceKey(entry), entry]));
  const watches = new Map<string, RenewedWatch>();
  let after: string | undefined;
  for (;;) {
    const page = await records.list(renewalScope, { after });
    for (const { key, value } of page) {
      const entry = entries.get(key);
      const record = entry && parseRenewal(value);
      if (record?.renewed !== undefined && record.options === optionsHash(entry?.options)) watches.set(key, record.renewed);
    }
    after = page.at(-1)?.key;
    if (page.length < recordLimits.perList) return watches;
  }
}
