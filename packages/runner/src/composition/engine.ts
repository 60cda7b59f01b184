import { setImmediate as nextTurn } from "node:timers/promises";
import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { Clock, Connector, Logger } from "@statewave-connectors/connector-sdk";
import { type Sink, systemClock, type Telemetry } from "@statewave-connectors/connector-sdk/host";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import type { CursorStore, SourceState } from "@statewave-connectors/connector-sdk/store";
import { Backfills, type BackfillsOptions } from "../backfill/backfills.ts";
import type { Compiling } from "../compile/compiling.ts";
import { askWithin } from "../deadline/ask-within.ts";
import { createDelivery, type Delivery } from "../delivery/delivery.ts";
import { CursorHistory } from "../history/cursor-history.ts";
import type { EntryName } from "../entry-name.ts";
import type { SourceHealths } from "../health/sources/source-healths.ts";
import { watchRuns } from "../health/sources/watch-runs.ts";
import { StoreHealths } from "../health/stores/store-healths.ts";
import { type BuryFailedItem, buryFailedItemIn } from "../pages/bury-failures.ts";
import { PausedEntries } from "../pauses/paused-entries.ts";
import type { Privacy } from "../privacy/privacy.ts";
import { PullScheduler } from "../pull/pull-scheduler.ts";
import { RunRecorder } from "../runs/run-recorder.ts";
import type { SinkBinding } from "../sink-binding/sink-binding.ts";
import type { LiveKeys } from "../sinks/statewave/live-keys.ts";
import { Heartbeat } from "../status/heartbeat.ts";
import { Watches, type WatchesOptions } from "../watches/watches.ts";
import type { Closers } from "./closers.ts";
import type { ConfiguredEntries } from "./configured-entries.ts";
import type { EngineObservers, EngineOptions } from "./engine-options.ts";
import type { LiveEntries } from "./live-entries.ts";
import type { EntryOpener } from "./entry-opener.ts";

/** A report of an outage waits no longer for the inbox. */
const inboxTimeoutMs = 2_000;

/** What has been opened for an engine. */
export interface EngineParts extends Omit<ConfiguredEntries, "close"> {
  readonly store: CursorStore;
  readonly inbox: Inbox;
  readonly sink: Sink;
  readonly keys: LiveKeys;
  readonly binding: SinkBinding;
  readonly privacy: Privacy;
  /** This process, unique. */
  readonly owner: string;
  /** Undefined: `[statewave] compile` is not set. */
  readonly compiling: Pick<typeof Compiling, "of"> | undefined;
  /** What the engine closes. */
  readonly closers: Closers;
}

/** Everything between the sources and Statewave, without a port: stores, sink, delivery, the opened entries and their schedule. */
export class Engine {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** This process, unique. */
  readonly owner: string;
  readonly store: CursorStore;
  readonly inbox: Inbox;
  readonly sink: Sink;
  /** Of Statewave. */
  readonly keys: LiveKeys;
  readonly delivery: Delivery;
  /** Keeps an item that could not be mapped. */
  readonly buryFailedItem: BuryFailedItem;
  readonly entries: LiveEntries;
  readonly opener: EntryOpener;
  readonly healths: SourceHealths;
  readonly stores: StoreHealths;
  /** Which sink each cursor belongs to. */
  readonly binding: SinkBinding;
  readonly privacy: Privacy;
  readonly scheduler: PullScheduler;
  /** Keeps the accounts of runs. */
  readonly recorder: RunRecorder;
  readonly backfills: Backfills;
  /** The sign of life of a running process. */
  readonly heartbeat: Heartbeat;
  /** The entries that operators paused. */
  readonly pauses: PausedEntries;
  /** The latest changes of each cursor. Undefined: the store keeps no records. */
  readonly history: CursorHistory | undefined;
  /** Undefined: nothing is compiled. */
  readonly compiling: Compiling | undefined;
  /** Undefined: nothing is traced. */
  readonly telemetry: Telemetry | undefined;
  /** Which stores were passed in. */
  readonly injected: { readonly cursorStore: boolean; readonly inbox: boolean };
  /** What sources do for as long as the process is up. */
  readonly watches: Watches;
  #config: ConnectorsConfig;
  #connectors: ReadonlyMap<string, Connector>;
  readonly #closers: Closers;

  /** See `openEngine`. */
  // eslint-disable-next-line max-lines-per-function -- one part after another, each from those before it
  constructor(options: EngineOptions, parts: EngineParts, observers: EngineObservers) {
    const { config, logger, clock = systemClock, random = Math.random } = options;
    this.#config = config;
    this.injected = { cursorStore: options.cursorStore !== undefined, inbox: options.inbox !== undefined };
    this.clock = clock;
    this.telemetry = options.telemetry;
    this.random = random;
    this.logger = logger;
    const { owner } = parts;
    this.owner = owner;
    const clean = (text: string) => parts.healths.clean(text);
    this.stores = new StoreHealths({
      store: parts.store,
      inbox: parts.inbox,
      owner,
      clock,
      logger,
      clean,
      injected: this.injected,
    });
    this.store = this.stores.store;
    this.inbox = this.stores.inbox;
    this.sink = parts.sink;
    this.keys = parts.keys;
    this.entries = parts.entries;
    this.healths = parts.healths;
    this.binding = parts.binding;
    this.privacy = parts.privacy;
    this.opener = parts.opener;
    this.#connectors = parts.connectors;
    this.#closers = parts.closers;
    const delivery = createDelivery({
      sink: parts.sink,
      redact: (source, episode) => parts.privacy.redactEpisode(source, episode),
      bury: (source, episode, reason) => this.inbox.buryEpisode(source, episode, maskSecrets(reason)),
      clock,
      random,
      logger,
      maxInFlight: config.statewave.maxInFlight,
      lingerMs: config.statewave.lingerMs,
      observer: observers.delivery,
      telemetry: options.telemetry,
      waitingEvents: askWithin(() => parts.inbox.stats(), inboxTimeoutMs, clock),
    });
    const { sink } = parts.binding;
    this.compiling = parts.compiling?.of({
      ...options,
      keys: this.keys,
      store: this.store,
      sinkFingerprint: sink.fingerprint,
      owner,
      clock,
    });
    this.delivery = this.compiling?.marking(delivery) ?? delivery;
    this.buryFailedItem = buryFailedItemIn(this.inbox, clock);
    this.history = CursorHistory.of(this.store, { clock, random });
    this.recorder = new RunRecorder({
      records: this.store.records,
      clock,
      logger,
      owner,
      clean: (source, text) => clean(parts.privacy.redactText(source, text)),
      requestsOf: (source) => parts.requests.of(source),
    });
    this.scheduler = new PullScheduler({
      pulls: parts.entries.pulls,
      store: this.store,
      delivery: this.delivery,
      buryFailedItem: this.buryFailedItem,
      clock,
      random,
      logger,
      telemetry: options.telemetry,
      observer: watchRuns(observers.pull, parts.healths),
      runs: observers.runs,
      recorder: this.recorder,
      owner,
      maxConcurrentSyncs: config.runner.maxConcurrentSyncs,
      syncTimeoutMs: config.runner.syncTimeoutMs,
      leaseTtlMs: options.leaseTtlMs,
      history: this.history,
      beforeCheckpoint: ({ source, cursor }) =>
        parts.binding.beforeCheckpoint(source, {
          hadCursor: cursor !== undefined,
          acknowledged: this.delivery.stats().acceptedEpisodes > 0,
        }),
    });
    this.watches = watchesOf(this, { owner, leaseTtlMs: options.leaseTtlMs, observer: observers.pull });
    this.backfills = backfillsOf(this, { owner, sink: parts.binding.sink, leaseTtlMs: options.leaseTtlMs });
    this.heartbeat = heartbeatOf(this, owner);
    this.pauses = pausesOf(this);
  }

  /** What is in effect: a reload replaces it. */
  get config(): ConnectorsConfig {
    return this.#config;
  }

  /** A reload has put these into effect. */
  adopt(config: ConnectorsConfig, connectors: ReadonlyMap<string, Connector>): void {
    this.#config = config;
    this.#connectors = connectors;
  }

  /** By kind. */
  get connectors(): ReadonlyMap<string, Connector> {
    return this.#connectors;
  }

  /** The version of the connector that knows `kind`; of one that is no longer configured, unknown. */
  connectorVersion(kind: string): string {
    return this.#connectors.get(kind)?.version ?? "unknown";
  }

  /** What the store remembers of the sources. What other processes finished counts for the health here. */
  async sourceStates(): Promise<readonly SourceState[]> {
    const states = await this.store.list();
    // The list of 10,000 sources has held the event loop for long enough.
    await nextTurn();
    this.healths.learn(states);
    return states;
  }

  /** What the store remembers at a start. Cursors of another sink are reported. */
  async statesAtStart(): Promise<readonly SourceState[]> {
    const states = await this.store.list();
    this.binding.report(states);
    return states;
  }

  /** Stops runs and delivery within `signal`, then closes what this engine opened. */
  async close(signal: AbortSignal): Promise<void> {
    this.pauses.stop();
    await Promise.all([this.scheduler.stop(signal), this.backfills.stop(signal), this.watches.stop()]);
    await this.delivery.close(signal);
    await Promise.all([this.recorder.stop(signal), this.heartbeat.stop()]);
    this.stores.stop();
    await this.#closers.close(this.logger);
  }
}

function pausesOf({ store, clock, logger, scheduler, healths, heartbeat }: Engine): PausedEntries {
  const onChange = ({ direction, source }: EntryName, isPaused: boolean) => {
    if (direction !== "pull") return;
    scheduler.setPaused(source, isPaused);
    if (isPaused) return;
    healths.of(direction, source).scheduled();
    heartbeat.beatSoon();
  };
  return new PausedEntries({ records: store.records, clock, logger, onChange });
}

function heartbeatOf({ store, clock, logger, entries, sink, delivery, healths }: Engine, owner: string): Heartbeat {
  const { records } = store;
  return new Heartbeat({ records, clock, logger, owner, entries, sink, delivery, healths });
}

function backfillsOf(
  { config, entries, store, delivery, buryFailedItem, privacy, clock, random, logger, telemetry }: Engine,
  process: Pick<BackfillsOptions, "owner" | "sink" | "leaseTtlMs">,
): Backfills {
  const { syncTimeoutMs } = config.runner;
  return new Backfills({
    ...process,
    entries,
    store,
    delivery,
    buryFailedItem,
    clock,
    random,
    logger,
    telemetry,
    syncTimeoutMs,
    redact: (source, text) => privacy.redactText(source, text),
  });
}

function watchesOf(
  { entries, store, scheduler, healths, buryFailedItem, clock, random, logger }: Engine,
  process: Pick<WatchesOptions, "owner" | "leaseTtlMs" | "observer">,
): Watches {
  return new Watches({ pulls: entries.pulls, store, scheduler, healths, buryFailedItem, clock, random, logger, ...process });
}
