import { hostname } from "node:os";
import { type Clock, type ConnectorsError, type Logger, sleep } from "@statewave-connectors/connector-sdk";
import type { StoreRecord } from "@statewave-connectors/connector-sdk/store";
import { orAborted } from "../deadline/or-aborted.ts";
import { within } from "../deadline/within.ts";
import { steadyNow } from "../steady-now.ts";

/** The record that stands for a lease: while it exists, one process does the work. */
export interface LeaseRecord {
  get(): Promise<StoreRecord | undefined>;
  /** Writes it if its version is still `expectedVersion`, and answers the new one. Undefined: it has another one. */
  write(value: string | undefined, expectedVersion: number, ttlMs?: number): Promise<number | undefined>;
}

export interface RecordLeaseOptions {
  readonly record: LeaseRecord;
  /** What it is for, in log lines: `compiling`. */
  readonly work: string;
  /** Why `HeldRecordLease.signal` aborts. */
  readonly lost: (why: string) => ConnectorsError;
  /** Unique per process. */
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly ttlMs: number;
  /** Whether other processes may hold it. Where none can, one that a crash left is taken over at once. */
  readonly isShared: boolean;
  /**
   * Whether it is kept while the store does not answer, until the store says that another process holds it: for work that two processes may
   * do at the same time for a while. Default false.
   */
  readonly outlastsSilence?: boolean;
}

/** It is requested and renewed so often in its time. */
const looksPerTtl = 3;
/** The owner gives up this part of its time before the store would let another process in. */
const safetyPart = 6;
const releaseWithinMs = 2_000;

/** Waits until this process holds the lease. Rejects with the signal's reason when it aborts, and with what the store throws. */
export async function acquireRecordLease(options: RecordLeaseOptions, signal: AbortSignal): Promise<HeldRecordLease> {
  for (;;) {
    const lease = await tryRecordLease(options, signal);
    if (lease !== undefined) return lease;
    await sleep(options.clock, options.ttlMs / looksPerTtl, signal);
  }
}

/** The lease; undefined while another process holds it. Rejects as `acquireRecordLease` does. */
export async function tryRecordLease(options: RecordLeaseOptions, signal: AbortSignal): Promise<HeldRecordLease | undefined> {
  const { record, clock, owner, isShared } = options;
  signal.throwIfAborted();
  const current = await orAborted(record.get(), signal);
  if (current !== undefined && isShared && !isOf(owner, current)) return undefined;
  const sentAtMs = steadyNow(clock);
  const version = await orAborted(writeLease(options, current?.version ?? 0), signal);
  return version === undefined ? undefined : new HeldRecordLease(options, { version, sentAtMs, signal });
}

function writeLease({ record, owner, ttlMs }: RecordLeaseOptions, expectedVersion: number): Promise<number | undefined> {
  return record.write(JSON.stringify({ owner, host: hostname(), pid: process.pid }), expectedVersion, ttlMs);
}

/** The answer to a write may be lost, and the write stored all the same. */
function isOf(owner: string, { value }: StoreRecord): boolean {
  try {
    const written: unknown = JSON.parse(value);
    return typeof written === "object" && written !== null && "owner" in written && written.owner === owner;
  } catch {
    return false;
  }
}

/** The lease while this process holds it: a record that expires unless it is renewed. */
export class HeldRecordLease {
  /** Aborts when the lease is lost, or when it may be because the store did not answer in time. */
  readonly signal: AbortSignal;
  readonly #options: RecordLeaseOptions;
  readonly #lost = new AbortController();
  #version: number;
  #isReleased = false;
  #renewing: Promise<void> = Promise.resolve();
  #cancelRenewal: () => void = () => undefined;
  #cancelDeadline: () => void = () => undefined;

  constructor(
    options: RecordLeaseOptions,
    { version, sentAtMs, signal }: { readonly version: number; readonly sentAtMs: number; readonly signal: AbortSignal },
  ) {
    this.#options = options;
    this.#version = version;
    this.signal = AbortSignal.any([this.#lost.signal, signal]);
    this.#relyOn(sentAtMs);
    this.#renewLater();
  }

  /** Lets another process do the work. A store that does not answer within two seconds lets it after the lease's time. */
  async release(): Promise<void> {
    this.#isReleased = true;
    this.#cancelDeadline();
    this.#cancelRenewal();
    const { clock, record } = this.#options;
    const releasing = async () => {
      await this.#renewing;
      await record.write(undefined, this.#version);
    };
    await within({ clock, timeoutMs: releaseWithinMs }, releasing).catch(() => undefined);
  }

  /** Counts from before the request that extended it was sent. */
  #relyOn(sentAtMs: number): void {
    const { clock, ttlMs, outlastsSilence = false } = this.#options;
    this.#cancelDeadline();
    if (outlastsSilence) return;
    const leftMs = sentAtMs + ttlMs - ttlMs / safetyPart - steadyNow(clock);
    this.#cancelDeadline = clock.after(Math.max(0, leftMs), () => this.#lose("it could not be renewed in time"));
  }

  #renewLater(): void {
    const { clock, ttlMs } = this.#options;
    this.#cancelRenewal = clock.after(ttlMs / looksPerTtl, () => {
      this.#renewing = this.#renew().finally(() => {
        if (!this.#isReleased && !this.#lost.signal.aborted) this.#renewLater();
      });
    });
  }

  async #renew(): Promise<void> {
    const sentAtMs = steadyNow(this.#options.clock);
    try {
      const version = (await writeLease(this.#options, this.#version)) ?? (await this.#retake());
      if (version === undefined) {
        this.#lose("another process holds it");
        return;
      }
      this.#version = version;
      if (!this.#isReleased) this.#relyOn(sentAtMs);
    } catch (error) {
      this.#options.logger.debug("renewing a lease in the records failed", { work: this.#options.work, error });
    }
  }

  /** The record has another version than expected. Undefined: another process holds the lease. */
  async #retake(): Promise<number | undefined> {
    const { record, owner, outlastsSilence = false } = this.#options;
    const current = await record.get();
    const isHeld = current === undefined ? outlastsSilence : isOf(owner, current);
    return isHeld ? writeLease(this.#options, current?.version ?? 0) : undefined;
  }

  #lose(why: string): void {
    this.#cancelDeadline();
    this.#cancelRenewal();
    this.#lost.abort(this.#options.lost(why));
  }
}
