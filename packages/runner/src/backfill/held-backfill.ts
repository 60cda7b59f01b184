import type { Clock } from "@statewave-connectors/connector-sdk";
import { backfillCancelled, backfillTakenOver } from "./backfill-errors.ts";
import type { BackfillJob } from "./backfill-job.ts";
import type { BackfillRecords, StoredBackfill } from "./backfill-records.ts";

/** What a save changes. */
export type BackfillChange = Partial<
  Pick<BackfillJob, "status" | "counts" | "place" | "itemsLeft" | "activeMs" | "error" | "perSecond" | "expected">
>;

/** A backfill while its process writes it. Each write is guarded: what another process wrote meanwhile is never overwritten. */
export class HeldBackfill {
  readonly #records: BackfillRecords;
  readonly #clock: Clock;
  #job: BackfillJob;
  #version: number;
  #cursor: string | undefined;
  #saving: Promise<void> = Promise.resolve();

  private constructor(records: BackfillRecords, { job, version }: StoredBackfill, clock: Clock, cursor: string | undefined) {
    this.#records = records;
    this.#clock = clock;
    this.#job = job;
    this.#version = version;
    this.#cursor = cursor;
  }

  /** With the cursor that the job keeps. Throws `STORE_RECORD_UNREADABLE` when it is lost. */
  static async open(records: BackfillRecords, stored: StoredBackfill, clock: Clock): Promise<HeldBackfill> {
    const { cursor } = stored.job;
    return new HeldBackfill(records, stored, clock, cursor === undefined ? undefined : await records.texts.read(cursor));
  }

  get job(): BackfillJob {
    return this.#job;
  }

  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** Throws `PULL_BACKFILL_CANCELLED` or `PULL_BACKFILL_LOST` when the record is not this process's any more. */
  save(change: BackfillChange, cursor?: string): Promise<void> {
    const saved = this.#saving.then(() => this.#save(change, cursor));
    this.#saving = saved.catch(() => undefined);
    return saved;
  }

  /** Throws as `save` does. */
  async look(): Promise<void> {
    await this.#saving;
    const version = this.#version;
    const stored = await this.#records.get(this.#job.id);
    await this.#saving;
    if (stored?.version !== version && version === this.#version) throw reasonOf(stored, this.#job);
  }

  /** Forgets it. */
  async delete(): Promise<void> {
    await this.#saving;
    await this.#records.delete(this.#job.id, this.#version);
    await this.#records.texts.drop(this.#job.cursor);
  }

  async #save(change: BackfillChange, cursor: string | undefined): Promise<void> {
    const before = this.#job.cursor;
    const kept = cursor === undefined ? before : await this.#records.keepCursor(cursor);
    const job = { ...this.#job, ...change, cursor: kept, updatedAtMs: this.#clock.now() };
    const version = await this.#records.write(job, this.#version);
    if (version === undefined) {
      if (kept !== before) await this.#records.texts.drop(kept);
      throw reasonOf(await this.#records.get(job.id), job);
    }
    this.#job = job;
    this.#version = version;
    if (cursor === undefined) return;
    this.#cursor = cursor;
    await this.#records.texts.drop(before);
  }
}

function reasonOf(stored: StoredBackfill | undefined, job: BackfillJob) {
  return stored?.job.status === "cancelled" ? backfillCancelled(stored.job) : backfillTakenOver(job);
}
