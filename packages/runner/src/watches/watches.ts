import type { Clock, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { type CursorStore, longestLeaseMs, recordsInMemory, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { SourceHealths } from "../health/sources/source-healths.ts";
import type { BuryFailedItem } from "../pages/bury-failures.ts";
import { defaultLeaseTtlMs } from "../pull/lease-keeper.ts";
import type { OpenedPull } from "../pull/opened-pull.ts";
import type { PullObserver } from "../pull/pull-observer.ts";
import type { PullScheduler } from "../pull/pull-scheduler.ts";
import { recordLeaseOn } from "../records/record-lease-on.ts";
import type { RecordLeaseOptions } from "../records/record-lease.ts";
import { isShared } from "../state/is-shared.ts";
import { keepFailed } from "./keep-failed.ts";
import { RenewalLoop } from "./renewal-loop.ts";
import { optionsHash } from "./renewal-record.ts";
import { RunRequests } from "./run-requests.ts";
import { WaitLoop, type WaitLoopOptions } from "./wait-loop.ts";

export interface WatchesOptions {
  readonly pulls: readonly OpenedPull[];
  readonly store: CursorStore;
  readonly scheduler: Pick<PullScheduler, "runForProgram">;
  readonly healths: SourceHealths;
  readonly buryFailedItem: BuryFailedItem;
  readonly observer: Pick<PullObserver, "itemsFailed">;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Unique per process. */
  readonly owner: string;
  readonly leaseTtlMs?: number | undefined;
}

/** The scopes of the leases; a scope has room for 10,000 of them, and waits hold theirs for as long as they last. */
const leaseScopes = { wait: "watch-leases", renew: "renewal-leases" } as const;
/** The first renewals are spread over so much for each entry, and a minute at most. */
const spreadPerEntryMs = 100;
const longestSpreadMs = 60_000;

/** When what a provider keeps for a source expires. */
export interface WatchExpiry {
  readonly source: SourceKey;
  readonly expiresAtMs: number;
}

/** What one source does for as long as the process is up. */
interface WatchedSource {
  readonly source: SourceKey;
  readonly stop: AbortController;
  readonly renewal: RenewalLoop | undefined;
  /** Never rejects. */
  readonly ended: Promise<unknown>;
}

/**
 * What sources do for as long as the process is up: wait for news, and renew what their provider keeps for a time. Each has a lease of its own
 * beside that of the source, so that one process of those that share the state does it. The sink and runs have no part in it.
 */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #records: StoreRecords;
  readonly #leases: StoreRecords;
  readonly #watched = new Map<string, WatchedSource>();
  #isStopped = false;

  constructor(options: WatchesOptions) {
    this.#options = options;
    const { store, clock } = options;
    this.#records = store.records ?? recordsInMemory(clock);
    // No other process can hold a lease where the state is not shared, and none needs to outlive this one.
    this.#leases = isShared(store) ? this.#records : recordsInMemory(clock);
  }

  start(): void {
    const { pulls, random } = this.#options;
    const renewing = pulls.filter(({ entry, source }) => !entry.dryRun && source.maintain !== undefined);
    const spreadMs = Math.min(longestSpreadMs, spreadPerEntryMs * renewing.length);
    for (const pull of pulls) this.#begin(pull, Math.round(random() * spreadMs));
  }

  /** A reload has changed the source, or removed it: what was begun with the former options ends first. */
  async replace(key: SourceKey, pull: OpenedPull | undefined): Promise<void> {
    const former = this.#watched.get(formatSourceKey(key));
    this.#watched.delete(formatSourceKey(key));
    former?.stop.abort();
    await former?.ended;
    if (pull !== undefined && !this.#isStopped) this.#begin(pull, 0);
  }

  /** As far as this process knows. */
  *expiries(): Generator<WatchExpiry, void> {
    for (const { source, renewal } of this.#watched.values()) {
      if (renewal?.expiresAtMs !== undefined) yield { source, expiresAtMs: renewal.expiresAtMs };
    }
  }

  /** Ends within a few seconds, also when a connector ignores it or the store does not answer. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const { stop } of this.#watched.values()) stop.abort();
    await Promise.all(Array.from(this.#watched.values(), ({ ended }) => ended));
  }

  #begin(pull: OpenedPull, startInMs: number): void {
    const { key, entry, source } = pull;
    if (entry.dryRun || (source.wait === undefined && source.maintain === undefined)) return;
    const stop = new AbortController();
    const wait = source.wait === undefined ? undefined : this.#waitOf(pull, stop.signal);
    const renewal = source.maintain === undefined ? undefined : this.#renewalOf(pull, startInMs);
    const ended = Promise.all([wait?.run(stop.signal), renewal?.run(stop.signal)]);
    this.#watched.set(formatSourceKey(key), { source: key, stop, renewal, ended });
  }

  #waitOf({ key, source }: OpenedPull, signal: AbortSignal): WaitLoop {
    const { scheduler, healths, buryFailedItem, observer, clock, random, logger } = this.#options;
    const name = formatSourceKey(key);
    const requests = new RunRequests({
      source: name,
      runForProgram: (takeParts) => scheduler.runForProgram(key, takeParts),
      clock,
      random,
      logger,
      signal,
    });
    const health = healths.of("pull", key);
    const keep: WaitLoopOptions["keep"] = (failed, held) =>
      keepFailed(failed, { source: key, buryFailedItem, observer, logger }, held);
    // Two waits at the same time only request runs twice.
    const lease = { ...this.#leaseFor("wait", name), outlastsSilence: true };
    return new WaitLoop({ source: name, waits: source, requests, health, keep, lease, clock, random, logger });
  }

  #renewalOf({ key, source, entry }: OpenedPull, startInMs: number): RenewalLoop {
    const { healths, clock, random, logger } = this.#options;
    return new RenewalLoop({
      source: key,
      renews: source,
      options: optionsHash(entry.options),
      records: this.#records,
      health: healths.of("pull", key),
      lease: this.#leaseFor("renew", formatSourceKey(key)),
      startInMs,
      clock,
      random,
      logger,
    });
  }

  #leaseFor(work: keyof typeof leaseScopes, name: string): RecordLeaseOptions {
    const { store, owner, clock, logger, leaseTtlMs = defaultLeaseTtlMs } = this.#options;
    const ttlMs = Math.min(leaseTtlMs, longestLeaseMs);
    return {
      ...recordLeaseOn(this.#leases, leaseScopes[work], `${work} ${name}`),
      owner,
      clock,
      logger,
      ttlMs,
      isShared: isShared(store),
    };
  }
}
