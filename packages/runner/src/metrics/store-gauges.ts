import type { StoreSnapshot } from "../health/stores/store-healths.ts";
import type { OpenSeries } from "./open-series.ts";

type StoreSeries = Pick<OpenSeries, "storeWritable" | "storeCertificateExpires">;

export function showStores({ storeWritable, storeCertificateExpires }: StoreSeries, stores: readonly StoreSnapshot[]): void {
  for (const { store, writable, certificateExpiresAtMs } of stores) {
    storeWritable.set({ store }, Number(writable));
    if (certificateExpiresAtMs === undefined) storeCertificateExpires.remove({ store });
    else storeCertificateExpires.set({ store }, certificateExpiresAtMs / 1000);
  }
}

/** Of an engine that has stopped nothing is known. */
export function hideStores({ storeWritable, storeCertificateExpires }: StoreSeries): void {
  storeWritable.reset();
  storeCertificateExpires.reset();
}
