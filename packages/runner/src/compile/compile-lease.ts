import { hostname } from "node:os";
import { type Clock, type Logger, sleep } from "@statewave-connectors/connector-sdk";
import { steadyNow } from "../steady-now.ts";
import { type CompileRecords, compileLeaseLost, leaseKey } from "./compile-records.ts";

export interface CompileLeaseOptions {
  readonly records: CompileRecords;
  /** Unique per process. */
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly ttlMs: number;
  /** Whether other processes may hold it. Where none can, one that a crash left is taken over at once. */
  readonly isShared: boolean;
}

/** It is requested and renewed so often in its time. */
const looksPerTtl = 3;
/** The owner gives up this part of its time before the store would let another process in. */
const safetyPart = 6;

/** Waits until this process may compile, which one process may at a time. Rejects with the signal's reason, and with what the store throws. */
export async function acquireCompileLease(options: CompileLeaseOptions, signal: AbortSignal): Promise<HeldCompileLease> {
  const { records, clock, ttlMs, isShared } = options;
  for (;;) {
    signal.throwIfAborted();
    const current = await records.get(leaseKey);
    if (current === undefined || !isShared) {
      const sentAtMs = steadyNow(clock);
      const version = await writeLease(options, current?.version ?? 0);
      if (version !== undefined) return new HeldCompileLease(options, { version, sentAtMs, signal });
    }
    await sleep(clock, ttlMs / looksPerTtl, signal);
  }
}

function writeLease({ records, owner, ttlMs }: CompileLeaseOptions, expectedVersion: number): Promise<number | undefined> {
  return records.write(leaseKey, JSON.stringify({ owner, host: hostname(), pid: process.pid }), expectedVersion, ttlMs);
}

/** The lease while this process holds it: a record that expires unless it is renewed. */
export class HeldCompileLease {
  /** Aborts when the lease is lost, or when it may be because the store did not answer in time. */
  readonly signal: AbortSignal;
  readonly #options: CompileLeaseOptions;
  readonly #lost = new AbortController();
  #version: number;
  #isReleased = false;
  #renewing: Promise<void> = Promise.resolve();
  #cancelRenewal: () => void = () => undefined;
  #cancelDeadline: () => void = () => undefined;

  constructor(
    options: CompileLeaseOptions,
    { version, sentAtMs, signal }: { readonly version: number; readonly sentAtMs: number; readonly signal: AbortSignal },
  ) {
    this.#options = options;
    this.#version = version;
    this.signal = AbortSignal.any([this.#lost.signal, signal]);
    this.#relyOn(sentAtMs);
    this.#renewLater();
  }

  /** Lets another process compile. A store that does not answer lets it after the lease's time. */
  async release(): Promise<void> {
    this.#isReleased = true;
    this.#cancelDeadline();
    this.#cancelRenewal();
    await this.#renewing;
    await this.#options.records.write(leaseKey, undefined, this.#version).catch(() => undefined);
  }

  /** Counts from before the request that extended it was sent. */
  #relyOn(sentAtMs: number): void {
    const { clock, ttlMs } = this.#options;
    this.#cancelDeadline();
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
      const version = await writeLease(this.#options, this.#version);
      if (version === undefined) {
        this.#lose("another process holds it");
        return;
      }
      this.#version = version;
      if (!this.#isReleased) this.#relyOn(sentAtMs);
    } catch (error) {
      this.#options.logger.debug("renewing the lease for compiling failed", { error });
    }
  }

  #lose(why: string): void {
    this.#cancelDeadline();
    this.#lost.abort(compileLeaseLost(why));
  }
}
