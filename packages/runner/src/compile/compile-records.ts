import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { recordLimits, type StoreRecord, type StoreRecords } from "@statewave-connectors/connector-sdk/store";

/** The keys of the records of one sink. */
export const takenKey = "taken";
export const doneKey = "done";
export const leaseKey = "lease";
const pagePrefix = "page/";

/** A record that is still there after so long belongs to a sink that is gone. */
const keptMs = 90 * 24 * 60 * 60_000;

/** What a look reads at most: the oldest pages. The others wait until these are compiled. */
const mostPages = 1_000;
/** An answer of a store holds so many at most: about 5 MB if every subject has 256 characters. */
const pagesPerList = 100;

/** The records about compiling for one sink: what another sink has compiled is unknown. */
export class CompileRecords {
  readonly scope: string;
  readonly #records: StoreRecords;

  constructor(records: StoreRecords, sinkFingerprint: string) {
    this.#records = records;
    this.scope = `compile/${sinkFingerprint}`;
  }

  get(key: string): Promise<StoreRecord | undefined> {
    return this.#records.get(this.scope, key);
  }

  /** Writes a record if its version is still `expectedVersion`, and answers the new one. Undefined: it has another one. */
  async write(key: string, value: string | undefined, expectedVersion: number, ttlMs = keptMs): Promise<number | undefined> {
    const { scope } = this;
    const result = await this.#records.compareAndSet({ scope, key, value, expectedVersion, ttlMs });
    return result.stored ? result.version : undefined;
  }

  /** The pages of touched subjects, the oldest first. */
  async pages(): Promise<readonly StoreRecord[]> {
    const pages: StoreRecord[] = [];
    let after: string | undefined;
    while (pages.length < mostPages) {
      const list = await this.#records.list(this.scope, { prefix: pagePrefix, after, limit: pagesPerList });
      pages.push(...list);
      if (list.length < pagesPerList) break;
      after = list.at(-1)?.key;
    }
    return pages;
  }
}

/** The key of a new page. Pages are listed in the order of their time. */
export function pageKey(nowMs: number, owner: string, sequence: number): string {
  return `${pagePrefix}${String(Math.max(0, Math.floor(nowMs))).padStart(15, "0")} ${owner} ${sequence}`.slice(
    0,
    recordLimits.keyBytes / 4,
  );
}

/** Another process compiles now. */
export function compileLeaseLost(why: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_LEASE_LOST",
    message: `the lease for compiling is lost: ${why}`,
    hint: "look at the process that holds it now: it compiles what is left",
    retryable: true,
  });
}
