import { recordLimits, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { LeaseRecord } from "../records/record-lease.ts";
import { TextRecords } from "../records/text-records.ts";
import { type BackfillJob, formatJob, isResumable, parseJob } from "./backfill-job.ts";

const scope = "backfills";
const jobPrefix = "job/";
const leasePrefix = "lease/";

/** One that was never finished is forgotten after so long, */
const resumableTtlMs = 400 * 24 * 60 * 60_000;
/** and one that is over after so long. */
const overTtlMs = 30 * 24 * 60 * 60_000;

/** A stored backfill with the version that the next write has to expect. */
export interface StoredBackfill {
  readonly job: BackfillJob;
  readonly version: number;
}

/** The process that a lease names. */
export interface LeaseHolder {
  readonly owner: string;
  readonly host: string;
  readonly pid: number;
}

/** The backfills in the records of a store: their jobs, cursors and leases. */
export class BackfillRecords {
  readonly texts: TextRecords;
  readonly #records: StoreRecords;

  constructor(records: StoreRecords, random: () => number) {
    this.#records = records;
    this.texts = new TextRecords({ records, scope, random });
  }

  async get(id: string): Promise<StoredBackfill | undefined> {
    const record = await this.#records.get(scope, jobPrefix + id);
    const job = record === undefined ? undefined : parseJob(id, record.value);
    return record === undefined || job === undefined ? undefined : { job, version: record.version };
  }

  /** The version of the record of a job, also of one that cannot be read; 0: there is none. */
  async versionOf(id: string): Promise<number> {
    return (await this.#records.get(scope, jobPrefix + id))?.version ?? 0;
  }

  /** Writes a job if its version is still `expectedVersion`; answers the new one. Undefined: it has another one. */
  async write(job: BackfillJob, expectedVersion: number): Promise<number | undefined> {
    const ttlMs = isResumable(job) ? resumableTtlMs : overTtlMs;
    const result = await this.#records.compareAndSet({
      scope,
      key: jobPrefix + job.id,
      value: formatJob(job),
      expectedVersion,
      ttlMs,
    });
    return result.stored ? result.version : undefined;
  }

  /** Forgets a job, unless its version is another one. */
  async delete(id: string, expectedVersion: number): Promise<void> {
    await this.#records.compareAndSet({ scope, key: jobPrefix + id, expectedVersion });
  }

  /** All of them, in the order of their ids. */
  async list(): Promise<readonly StoredBackfill[]> {
    const found: StoredBackfill[] = [];
    for await (const { key, value, version } of this.#all(jobPrefix)) {
      const job = parseJob(key.slice(jobPrefix.length), value);
      if (job !== undefined) found.push({ job, version });
    }
    return found;
  }

  /** The processes that hold a lease, by the id of its backfill. */
  async holders(): Promise<ReadonlyMap<string, LeaseHolder>> {
    const holders = new Map<string, LeaseHolder>();
    for await (const { key, value } of this.#all(leasePrefix)) {
      const holder = parseHolder(value);
      if (holder !== undefined) holders.set(key.slice(leasePrefix.length), holder);
    }
    return holders;
  }

  async holder(id: string): Promise<LeaseHolder | undefined> {
    const record = await this.#records.get(scope, leasePrefix + id);
    return record === undefined ? undefined : parseHolder(record.value);
  }

  /** The lease of one backfill. */
  lease(id: string): LeaseRecord {
    const key = leasePrefix + id;
    return {
      get: () => this.#records.get(scope, key),
      write: async (value, expectedVersion, ttlMs) => {
        const result = await this.#records.compareAndSet({ scope, key, value, expectedVersion, ttlMs });
        return result.stored ? result.version : undefined;
      },
    };
  }

  keepCursor(cursor: string) {
    return this.texts.keep(cursor, resumableTtlMs);
  }

  async *#all(prefix: string) {
    let after: string | undefined;
    for (;;) {
      const page = await this.#records.list(scope, { prefix, after, limit: pageLength });
      yield* page;
      after = page.at(-1)?.key;
      if (page.length < pageLength) return;
    }
  }
}

/** A job has 64 KiB at most. */
const pageLength = Math.min(50, recordLimits.perList);

function parseHolder(text: string): LeaseHolder | undefined {
  try {
    const value = JSON.parse(text) as Partial<LeaseHolder> | null;
    const isHolder = typeof value?.owner === "string" && typeof value.host === "string" && typeof value.pid === "number";
    return isHolder ? (value as LeaseHolder) : undefined;
  } catch {
    return undefined;
  }
}
