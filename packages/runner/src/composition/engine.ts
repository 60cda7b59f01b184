import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type ConnectorsConfig, type GivenAdapters, loadConnectors, privacyWarnings } from "@statewave-connectors/config";
import type { Clock, Connector, Logger } from "@statewave-connectors/connector-sdk";
import { type Sink, systemClock } from "@statewave-connectors/connector-sdk/host";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import { redact } from "@statewave-connectors/connector-sdk/secrets";
import type { CursorStore, SourceState } from "@statewave-connectors/connector-sdk/store";
import { createDelivery, type Delivery } from "../delivery/delivery.ts";
import type { DeliveryObserver } from "../delivery/delivery-options.ts";
import { type Ingest, sinkFromIngest } from "../sinks/ingest-sink.ts";
import { openSink } from "../sinks/open-sink.ts";
import type { RequestObserver } from "../sinks/request-observer.ts";
import { askWithin } from "../deadline/ask-within.ts";
import { guardLogger } from "../logging/injected-logger.ts";
import { openConnectorFetch } from "../network/connector-fetch.ts";
import { type Network, networkOf } from "../network/network.ts";
import { type OpenedEntries, openEntries } from "./open-entries.ts";
import { openPrivacy, type Privacy } from "../privacy/privacy.ts";
import { type BuryItem, buryItemIn } from "../pages/bury-failures.ts";
import type { PullObserver } from "../pull/pull-observer.ts";
import { PullScheduler } from "../pull/pull-scheduler.ts";
import { joinProcesses, readBinding } from "../sink-binding/bind-to-sink.ts";
import type { SinkBinding } from "../sink-binding/sink-binding.ts";
import { SourceHealths } from "../health/sources/source-healths.ts";
import { watchRuns } from "../health/sources/watch-runs.ts";
import { selectInbox, selectPullCursorStore } from "../state/select-stores.ts";
import type { StartPatience } from "../lifecycle/start-patience.ts";
import { StoreHealths } from "../health/stores/store-healths.ts";

/** A report of an outage waits no longer for the inbox. */
const inboxTimeoutMs = 2_000;

/** What may be given from outside; what is given is used as it is and not closed. */
export interface EngineOptions {
  readonly config: ConnectorsConfig;
  /** By kind. Default: loaded as the configuration says. */
  readonly connectors?: ReadonlyMap<string, Connector>;
  /** Store and inbox packages as objects, by kind; others are found by name. */
  readonly cursorStores?: GivenAdapters["cursorStores"];
  readonly inboxes?: GivenAdapters["inboxes"];
  /** Where episodes go instead of `[statewave] url`. */
  readonly ingest?: Ingest;
  readonly cursorStore?: CursorStore;
  readonly inbox?: Inbox;
  readonly logger: Logger;
  /** Opened before. Default: as the configuration says. */
  readonly privacy?: Privacy;
  /** For connectors and for the Statewave sink, instead of ours; it decides itself about proxies and authorities, whatever `[runner.http]` says. */
  readonly fetchImpl?: typeof globalThis.fetch;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** File URLs or folders where connector and adapter packages are looked for, besides the configuration's own folder. */
  readonly resolveFrom?: readonly string[];
  /**
   * How long a source belongs to a process that gives no sign of life: when it died, others take its tick over after that time. It is
   * renewed at each third of it, so the store has to answer well within that. Default 30,000.
   */
  readonly leaseTtlMs?: number;
}

export interface EngineObservers {
  readonly pull: PullObserver;
  readonly delivery: DeliveryObserver;
  readonly sinkRequest: RequestObserver;
}

interface EngineParts {
  readonly store: CursorStore;
  readonly inbox: Inbox;
  readonly sink: Sink;
  readonly entries: OpenedEntries;
  readonly healths: SourceHealths;
  readonly binding: SinkBinding;
  readonly privacy: Privacy;
  /** This process, unique. */
  readonly owner: string;
}

/** Everything between the sources and Statewave, without a schedule or a port: stores, sink, delivery, the opened entries. */
export class Engine {
  readonly config: ConnectorsConfig;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly store: CursorStore;
  readonly inbox: Inbox;
  readonly sink: Sink;
  readonly delivery: Delivery;
  /** Keeps an item that could not be mapped. */
  readonly buryItem: BuryItem;
  readonly entries: OpenedEntries;
  readonly healths: SourceHealths;
  readonly stores: StoreHealths;
  /** Which sink each cursor belongs to. */
  readonly binding: SinkBinding;
  readonly privacy: Privacy;
  readonly scheduler: PullScheduler;
  /** Which stores were passed in. */
  readonly injected: { readonly cursorStore: boolean; readonly inbox: boolean };
  readonly #versions: ReadonlyMap<string, string>;
  readonly #closers: readonly (() => Promise<void>)[];

  private constructor(
    options: EngineOptions,
    parts: EngineParts,
    observers: EngineObservers,
    versions: ReadonlyMap<string, string>,
    closers: readonly (() => Promise<void>)[],
  ) {
    const { config, logger, clock = systemClock, random = Math.random } = options;
    this.config = config;
    this.injected = { cursorStore: options.cursorStore !== undefined, inbox: options.inbox !== undefined };
    this.clock = clock;
    this.random = random;
    this.logger = logger;
    const { owner } = parts;
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
    this.entries = parts.entries;
    this.healths = parts.healths;
    this.binding = parts.binding;
    this.privacy = parts.privacy;
    this.#versions = versions;
    this.#closers = closers;
    this.delivery = createDelivery({
      sink: parts.sink,
      redact: (source, episode) => parts.privacy.redactEpisode(source, episode),
      bury: (source, episode, reason) => this.inbox.buryEpisode(source, episode, redact(reason)),
      clock,
      random,
      logger,
      maxInFlight: config.statewave.maxInFlight,
      lingerMs: config.statewave.lingerMs,
      observer: observers.delivery,
      waitingEvents: askWithin(() => parts.inbox.stats(), inboxTimeoutMs, clock),
    });
    this.buryItem = buryItemIn(this.inbox, clock);
    this.scheduler = new PullScheduler({
      pulls: parts.entries.pulls,
      store: this.store,
      delivery: this.delivery,
      buryItem: this.buryItem,
      clock,
      random,
      logger,
      observer: watchRuns(observers.pull, parts.healths),
      owner,
      maxConcurrentSyncs: config.runner.maxConcurrentSyncs,
      syncTimeoutMs: config.runner.syncTimeoutMs,
      leaseTtlMs: options.leaseTtlMs,
      beforeCheckpoint: ({ source, cursor }) =>
        parts.binding.beforeCheckpoint(source, {
          hadCursor: cursor !== undefined,
          acknowledged: this.delivery.stats().acceptedEpisodes > 0,
        }),
    });
  }

  /**
   * Opens what was not given, all of it at once: a start waits for the slowest, not for the sum. When anything fails, what was opened is
   * closed again. With `patience` a store that cannot serve for now is waited for.
   */
  static async open(
    given: EngineOptions,
    observers: EngineObservers | Promise<EngineObservers>,
    patience?: Pick<StartPatience, "retryOpening">,
  ): Promise<Engine> {
    const { privacy, options } = await withPrivacy(given);
    const { config, logger, clock = systemClock, resolveFrom = [] } = options;
    const { cursorStores, inboxes } = options;
    const where = {
      cursorStores,
      inboxes,
      runner: config.runner,
      baseDir: config.baseDir,
      resolveFrom,
      clock,
      logger,
      ...(patience === undefined ? {} : { retryOpening: patience.retryOpening }),
    };
    const network = networkOf(config.runner.http);
    const { entries, healths, versions, close } = await openConfiguredEntries(options, network);
    const closers: (() => Promise<void>)[] = [close];
    const opening = [
      openStore(options.cursorStore, () => selectPullCursorStore(where), closers),
      openStore(options.inbox, () => selectInbox(where), closers),
      Promise.resolve(observers),
    ] as const;
    await Promise.allSettled(opening);
    try {
      // One after the other: of two things that failed, the first is named.
      const [store, inbox, engineObservers] = [await opening[0], await opening[1], await opening[2]];
      const owner = `${hostname()}:${process.pid}:${randomUUID()}`;
      const bound = { config, ingest: options.ingest, store, logger };
      const record = await joinProcesses(bound, { owner, clock });
      if (record !== undefined) closers.unshift(() => record.close());
      const binding = await readBinding(bound);
      const sink = await openEngineSink(options, { clock, network, observers: engineObservers });
      if (sink.close !== undefined) closers.unshift(async () => sink.close?.());
      return new Engine(
        options,
        { store, inbox, sink, entries, healths, binding, privacy, owner },
        engineObservers,
        versions,
        closers,
      );
    } catch (error) {
      await closeAll(closers, logger);
      throw error;
    }
  }

  /** The version of the connector that knows `kind`; of one that is no longer configured, unknown. */
  connectorVersion(kind: string): string {
    return this.#versions.get(kind) ?? "unknown";
  }

  /** What the store remembers of the sources. What other processes finished counts for the health here. */
  async sourceStates(): Promise<readonly SourceState[]> {
    const states = await this.store.list();
    this.healths.learn(states);
    return states;
  }

  /** What the store remembers at a start. Cursors of another sink are reported. */
  async statesAtStart(): Promise<readonly SourceState[]> {
    const states = await this.store.list();
    this.binding.report(states);
    return states;
  }

  /** Stops ticks and delivery within `signal`, then closes what this engine opened. */
  async close(signal: AbortSignal): Promise<void> {
    await this.scheduler.stop(signal);
    await this.delivery.close(signal);
    this.stores.stop();
    await closeAll(this.#closers, this.logger);
  }
}

/** The options with a logger that shows nothing private. */
async function withPrivacy(given: EngineOptions): Promise<{ readonly privacy: Privacy; readonly options: EngineOptions }> {
  const { config, logger, privacy: opened } = given;
  if (opened !== undefined) return { privacy: opened, options: given };
  const privacy = await openPrivacy(config);
  return { privacy, options: { ...given, logger: privacy.redactingLogger(logger) } };
}

/** What is given is used as it is; what is opened here is closed by the engine. */
async function openStore<Store extends { close(): Promise<void> }>(
  given: Store | undefined,
  open: () => Promise<Store>,
  closers: (() => Promise<void>)[],
): Promise<Store> {
  if (given !== undefined) return given;
  const store = await open();
  closers.unshift(() => store.close());
  return store;
}

export interface ConfiguredEntries {
  readonly entries: OpenedEntries;
  readonly healths: SourceHealths;
  /** Of their connectors, by kind. */
  readonly versions: ReadonlyMap<string, string>;
  /** Closes the connections to providers. */
  readonly close: () => Promise<void>;
}

/**
 * The configuration's entries, opened. `onRequest` is called before each request of a connector. Throws `NETWORK_PROXY_INVALID` for a proxy of
 * the environment that cannot be used.
 */
export async function openConfiguredEntries(
  options: EngineOptions,
  network: Network = networkOf(options.config.runner.http),
  onRequest?: () => void,
): Promise<ConfiguredEntries> {
  const { config, clock = systemClock, random = Math.random, resolveFrom = [] } = options;
  const logger = guardLogger(options.logger);
  const connectors = options.connectors ?? (await loadConnectors(config, { resolveFrom }));
  const healths = new SourceHealths({ clock, logger });
  const { fetch: send, close } = openConnectorFetch({ network, fetchImpl: options.fetchImpl, logger });
  const fetch: typeof send = (...request) => {
    onRequest?.();
    return send(...request);
  };
  for (const { message, hint } of privacyWarnings(config, connectors)) logger.warn(message, { hint });
  const entries = openEntries(config, connectors, { clock, random, logger, fetch, healths });
  return { entries, healths, versions: new Map([...connectors].map(([kind, { version }]) => [kind, version])), close };
}

interface SinkSurroundings {
  readonly clock: Clock;
  readonly network: Network;
  readonly observers: EngineObservers;
}

function openEngineSink(options: EngineOptions, { clock, network, observers }: SinkSurroundings): Promise<Sink> {
  const { config, ingest, logger, fetchImpl } = options;
  if (ingest !== undefined) return Promise.resolve(sinkFromIngest(ingest, { clock, logger, onRequest: observers.sinkRequest }));
  return openSink({
    statewave: config.statewave,
    baseDir: config.baseDir,
    clock,
    logger,
    fetchImpl,
    network,
    onRequest: observers.sinkRequest,
  });
}

async function closeAll(closers: readonly (() => Promise<void>)[], logger: Logger): Promise<void> {
  for (const close of closers) {
    try {
      await close();
    } catch (error) {
      logger.error("closing failed", { error });
    }
  }
}
