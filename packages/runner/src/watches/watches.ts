import type { Clock, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { type CursorStore, longestLeaseMs, recordsInMemory, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { SourceHealths } from "../health/sources/source-healths.ts";
import { defaultLeaseTtlMs } from "../pull/lease-keeper.ts";
import type { OpenedPull } from "../pull/opened-pull.ts";
import type { PullScheduler } from "../pull/pull-scheduler.ts";
import { recordLeaseOn } from "../records/record-lease-on.ts";
import type { RecordLeaseOptions } from "../records/record-lease.ts";
import { isShared } from "../state/is-shared.ts";
import { RenewalLoop } from "./renewal-loop.ts";
import { optionsHash } from "./renewal-record.ts";
import { RunRequests } from "./run-requests.ts";
import { WaitLoop } from "./wait-loop.ts";

export interface WatchesOptions {
  readonly pulls: readonly OpenedPull[];
  readonly store: CursorStore;
  readonly scheduler: Pick<PullScheduler, "runUnlessPaused">;
  readonly healths: SourceHealths;
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

/**
 * What sources do for as long as the process is up: wait for news, and renew what their provider keeps for a time. Each has a lease of its own
 * beside that of the source, so that one process of those that share the state does it. The sink and runs have no part in it.
 */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #stop = new AbortController();
  readonly #renewals: readonly { readonly source: SourceKey; readonly loop: RenewalLoop }[];
  readonly #waits: readonly WaitLoop[];
  #running: readonly Promise<void>[] = [];

  constructor(options: WatchesOptions) {
    this.#options = options;
    const { store, clock } = options;
    const pulls = options.pulls.filter(({ entry }) => !entry.dryRun);
    const records = store.records ?? recordsInMemory(clock);
    // No other process can hold a lease where the state is not shared, and none needs to outlive this one.
    const leases = isShared(store) ? records : recordsInMemory(clock);
    this.#waits = pulls.filter(({ source }) => source.wait !== undefined).map((pull) => this.#waitOf(pull, leases));
    const renewing = pulls.filter(({ source }) => source.maintain !== undefined);
    const spreadMs = Math.min(longestSpreadMs, spreadPerEntryMs * renewing.length);
    this.#renewals = renewing.map((pull) => ({
      source: pull.key,
      loop: this.#renewalOf(pull, records, leases, Math.round(options.random() * spreadMs)),
    }));
  }

  start(): void {
    const { signal } = this.#stop;
    const loops = [...this.#waits, ...this.#renewals.map(({ loop }) => loop)];
    this.#running = loops.map((loop) => loop.run(signal));
  }

  /** As far as this process knows. */
  *expiries(): Generator<WatchExpiry, void> {
    for (const { source, loop } of this.#renewals) {
      if (loop.expiresAtMs !== undefined) yield { source, expiresAtMs: loop.expiresAtMs };
    }
  }

  /** Ends within a few seconds, also when a connector ignores it or the store does not answer. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  #waitOf({ key, source }: OpenedPull, leases: StoreRecords): WaitLoop {
    const { scheduler, healths, clock, random, logger } = this.#options;
    const name = formatSourceKey(key);
    const requests = new RunRequests({
      source: name,
      runNow: (takeParts) => scheduler.runUnlessPaused(key, takeParts),
      clock,
      random,
      logger,
      signal: this.#stop.signal,
    });
    const health = healths.of("pull", key);
    // Two waits at the same time only request runs twice.
    const lease = { ...this.#leaseFor("wait", name, leases), outlastsSilence: true };
    return new WaitLoop({ source: name, waits: source, requests, health, lease, clock, random, logger });
  }

  #renewalOf({ key, source, entry }: OpenedPull, records: StoreRecords, leases: StoreRecords, startInMs: number): RenewalLoop {
    const { healths, clock, random, logger } = this.#options;
    return new RenewalLoop({
      source: key,
      renews: source,
      options: optionsHash(entry.options),
      records,
      health: healths.of("pull", key),
      lease: this.#leaseFor("renew", formatSourceKey(key), leases),
      startInMs,
      clock,
      random,
      logger,
    });
  }

  #leaseFor(work: keyof typeof leaseScopes, name: string, records: StoreRecords): RecordLeaseOptions {
    const { store, owner, clock, logger, leaseTtlMs = defaultLeaseTtlMs } = this.#options;
    const ttlMs = Math.min(leaseTtlMs, longestLeaseMs);
    return {
      ...recordLeaseOn(records, leaseScopes[work], `${work} ${name}`),
      owner,
      clock,
      logger,
      ttlMs,
      isShared: isShared(store),
    };
  }
}
