import {
  type Clock,
  ConnectorsError,
  isConnectorsError,
  type Logger,
  type PullSource,
  sleep,
  type SourceKey,
} from "@statewave-connectors/connector-sdk";
import { formatSourceKey, toError } from "@statewave-connectors/connector-sdk/host";
import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { orAborted } from "../deadline/or-aborted.ts";
import { within } from "../deadline/within.ts";
import type { EntryHealth } from "../health/sources/entry-health.ts";
import { acquireRecordLease, type RecordLeaseOptions } from "../records/record-lease.ts";
import { failedRenewal, failureOfPart, renewalDueInMs, renewedWatch, watchTrouble } from "./plan-renewal.ts";
import { formatRenewal, parseRenewal, renewalKey, type RenewalRecord, renewalScope } from "./renewal-record.ts";

export interface RenewalLoopOptions {
  readonly source: SourceKey;
  readonly renews: Pick<PullSource, "maintain">;
  /** See `optionsHash`. */
  readonly options: string;
  readonly records: Pick<StoreRecords, "get" | "compareAndSet">;
  readonly health: Pick<EntryHealth, "watchTroubled">;
  /** Of the right to renew. */
  readonly lease: RecordLeaseOptions;
  /** Before the first look: entries that start together do not all call their provider at once. */
  readonly startInMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** What other processes renewed is seen by then, and a clock that was set or stood still shifts nothing by more. */
const lookEveryMs = 10 * 60_000;
const renewWithinMs = 60_000;
const storeRetryMs = 10_000;

/** What is stored, and the version that its next write has to expect. */
interface StoredRenewal {
  readonly record: RenewalRecord | undefined;
  readonly version: number;
}

/** Renews what the provider keeps for one source: one process at a time, when it is due. */
export class RenewalLoop {
  readonly #options: RenewalLoopOptions;
  #known: RenewalRecord | undefined;
  /** What the store could not take: the provider is not called again for it. */
  #unsaved: RenewalRecord | undefined;
  #isStart = true;
  #isStoreSilent = false;

  constructor(options: RenewalLoopOptions) {
    this.#options = options;
  }

  /** When what the provider keeps expires, as far as this process knows, epoch milliseconds. */
  get expiresAtMs(): number | undefined {
    return this.#known?.renewed?.expiresAtMs;
  }

  /** Ends when `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { source, startInMs, clock, logger } = this.#options;
    let restMs = startInMs;
    while (!signal.aborted) {
      await sleep(clock, restMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        restMs = Math.min(lookEveryMs, await this.#look(signal));
        this.#isStoreSilent = false;
      } catch (error) {
        if (signal.aborted) return;
        const isOvertaken = isConnectorsError(error, "STORE_LEASE_LOST");
        if (!this.#isStoreSilent && !isOvertaken)
          logger.warn("the renewals of a source cannot be looked up", { source: formatSourceKey(source), error });
        this.#isStoreSilent = true;
        this.#assess();
        restMs = storeRetryMs;
      }
    }
  }

  /** Renews it if it is due, and answers in how long it is due next. */
  async #look(signal: AbortSignal): Promise<number> {
    const { record, version } = await this.#read(signal);
    if (this.#unsaved !== undefined) await this.#write(this.#unsaved, version, signal);
    const dueInMs = this.#dueInMs(record);
    if (dueInMs > 0) return dueInMs;
    const lease = await acquireRecordLease(this.#options.lease, signal);
    try {
      // Another process may have renewed it, before this one got the lease.
      const stored = await this.#read(lease.signal);
      if (this.#dueInMs(stored.record) <= 0) await this.#renew(stored, lease.signal);
    } finally {
      await lease.release();
    }
    return this.#dueInMs(this.#known);
  }

  #dueInMs(record: RenewalRecord | undefined): number {
    return renewalDueInMs(record, this.#options.options, this.#options.clock.now(), this.#isStart);
  }

  async #read(signal: AbortSignal): Promise<StoredRenewal> {
    const stored = await orAborted(this.#options.records.get(renewalScope, renewalKey(this.#options.source)), signal);
    const record = this.#unsaved ?? (stored === undefined ? undefined : parseRenewal(stored.value));
    this.#learn(record);
    return { record, version: stored?.version ?? 0 };
  }

  async #renew({ record: before, version }: StoredRenewal, signal: AbortSignal): Promise<void> {
    const { source, options, clock, random, logger } = this.#options;
    const own = before?.options === options ? before : undefined;
    const fail = (thrown: unknown) => {
      const error = toError(thrown);
      const failing = failedRenewal(error, own?.failing, clock.now(), random);
      logger.warn("a watch could not be renewed", {
        source: formatSourceKey(source),
        next_attempt_in_ms: failing.retryAtMs - clock.now(),
        error,
      });
      return { failing };
    };
    const record: RenewalRecord = await this.#call(signal)
      .then((answer) => {
        const renewed = renewedWatch(answer, source, clock.now(), random);
        const failed = failureOfPart(answer);
        return { options, renewed, ...(failed === undefined ? {} : fail(failed)) };
      })
      .catch((thrown: unknown) => {
        // A stop, or a lease that was lost, says nothing of the source.
        signal.throwIfAborted();
        return { options, renewed: own?.renewed, ...fail(thrown) };
      });
    this.#isStart = false;
    this.#learn(record);
    await this.#write(record, version, signal);
  }

  #call(signal: AbortSignal): Promise<unknown> {
    const { source, renews, clock } = this.#options;
    const limits = { clock, timeoutMs: renewWithinMs, signal, reason: () => timedOut(source) };
    return within(limits, async (calling) => renews.maintain?.(calling));
  }

  async #write(record: RenewalRecord, expectedVersion: number, signal: AbortSignal): Promise<void> {
    const { records, source } = this.#options;
    this.#unsaved = record;
    const write = { scope: renewalScope, key: renewalKey(source), value: formatRenewal(record), expectedVersion };
    await orAborted(records.compareAndSet(write), signal);
    // Where another version is stored, another process has renewed it since.
    this.#unsaved = undefined;
  }

  #learn(record: RenewalRecord | undefined): void {
    this.#known = record;
    this.#assess();
  }

  #assess(): void {
    const { source, health, clock, options } = this.#options;
    if (this.#known?.options === options) health.watchTroubled(watchTrouble(source, this.#known, clock.now()));
  }
}

function timedOut(source: SourceKey): ConnectorsError {
  return new ConnectorsError({
    code: "PULL_RENEWAL_TIMEOUT",
    message: `\`maintain\` of ${formatSourceKey(source)} took longer than ${renewWithinMs / 1_000} s`,
    hint: "check that the provider answers, and that this machine can reach it",
    retryable: true,
  });
}
