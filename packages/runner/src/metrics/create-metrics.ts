import type { RetentionConfig } from "@statewave-connectors/config";
import { type Clock, isConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { refusalReasons } from "@statewave-connectors/connector-sdk/host";
import type { InboxStats } from "@statewave-connectors/connector-sdk/inbox";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import type { CompileObserver } from "../compile/compiler.ts";
import type { DeliveryObserver } from "../delivery/delivery-options.ts";
import type { RequestObserver } from "../sinks/request-observer.ts";
import { type Misrouting, misroutings } from "../http/misrouted-webhooks.ts";
import type { WebhookObserver } from "../http/webhook-route.ts";
import type { NoticeObserver } from "../notices/notice-sender.ts";
import { isStop } from "../pull/pull-errors.ts";
import type { PullObserver } from "../pull/pull-observer.ts";
import type { InboxObserver } from "../push/item-processor.ts";
import type { RetentionOptions } from "../retention/retention.ts";
import { askWithin } from "../deadline/ask-within.ts";
import { compileObserver, forgottenObserver, noticeObserver } from "./background-observers.ts";
import { loadPromParts } from "./load-prom-client.ts";
import { histogramLabels, labelsOf, shortWord } from "./metric-labels.ts";
import { type OpenSeries, openSeries } from "./open-series.ts";
import { processMetrics } from "./process-metrics.ts";
import { renderSlices } from "./render-slices.ts";
import { type PullSnapshot, type PushSnapshot, SourceGauges, type WatchSnapshot } from "./source-gauges.ts";
import { hideStores, showStores } from "./store-gauges.ts";
import type { StoreSnapshot } from "../health/stores/store-healths.ts";
import { inTurns } from "../turns.ts";
import { webhookObserver } from "./webhook-observer.ts";

/** A push entry; `pull` is the name of its twin. */
type PushKey = SourceKey & { readonly pull?: string | undefined };

export interface MetricsOptions {
  readonly version: string;
  readonly hostname: string;
  /** Leaves out the Node process metrics. */
  readonly disableDefaultMetrics: boolean;
  /** The configured entries: their counters are there from the start, at 0. */
  readonly pulls: readonly SourceKey[];
  readonly pushes: readonly PushKey[];
  /** Whether histograms have the label `name` too: twelve series and more for each source. Default: up to 100 sources. */
  readonly perSourceHistograms?: boolean | undefined;
  /** `unhealthy`: only sources that need attention have series of their own. Default `all`. */
  readonly perSource?: "all" | "unhealthy" | undefined;
}

/** What is not counted as it happens but looked at during a scrape. */
export interface Watched {
  readonly clock: Clock;
  readonly inboxStats: () => Promise<InboxStats>;
  readonly sourceStates: () => Promise<readonly SourceState[]>;
  readonly now: () => {
    readonly ready: boolean;
    /** Undefined until the sink was tried. */
    readonly sinkUp: boolean | undefined;
    readonly foreignCursors: number;
    readonly schedulesArmed: number;
    readonly receiversMounted: number;
    readonly stores: readonly StoreSnapshot[];
    /** Those of which something is known. */
    readonly sources: readonly { readonly source: SourceKey; readonly direction: "pull" | "push"; readonly up: boolean }[];
    readonly paused: readonly { readonly source: SourceKey; readonly direction: "pull" | "push" }[];
    readonly pulls: Iterable<PullSnapshot>;
    readonly pushes: Iterable<PushSnapshot>;
    readonly watches: Iterable<WatchSnapshot>;
  };
}

/** The runner's counters, each called by the part to which it happens. */
export interface Metrics {
  readonly contentType: string;
  /** The Prometheus exposition in slices, between which the event loop turns; begins within three seconds, whatever the stores do. */
  slices(): AsyncIterable<string>;
  /** The whole of it. */
  render(): Promise<string>;
  readonly pull: PullObserver;
  readonly inbox: InboxObserver;
  readonly sinkRequest: RequestObserver;
  readonly delivery: DeliveryObserver;
  /** From the first call on the outcomes are there, at 0. */
  compileObserver(): CompileObserver;
  /** From the first call on the outcomes of these `[[notify]]` are there, at 0. */
  noticeObserver(notify: readonly string[]): NoticeObserver;
  /** From the first call on it is there, at 0. */
  forgottenObserver(config: RetentionConfig): RetentionOptions["onForgotten"];
  /** Made once for each mount: what does not change is prepared, as this is the hot path. */
  webhookObserver(source: SourceKey): WebhookObserver;
  /** A request came for a path where nothing is mounted. */
  notFound(): void;
  misrouted(reason: Misrouting): void;
  /** A reload has changed which entries are configured: the counters of added ones are there at once, those of others stay. */
  follow(entries: Pick<MetricsOptions, "pulls" | "pushes">): void;
  /** From now on scrapes look at these; the returned function ends it. */
  watch(watched: Watched): () => void;
}

/** Twelve more series for each source are cheap up to here; 10,000 sources would have 120,000 of them. */
const mostSourcesWithHistograms = 100;

/** Opens the runner's metrics. prom-client is loaded here, so a program that only imports the runner does not load it. */
export async function createMetrics(options: MetricsOptions): Promise<Metrics> {
  const prom = await loadPromParts();
  const own = new prom.Registry();
  const sources = options.pulls.length + options.pushes.length;
  const { perSourceHistograms = sources <= mostSourcesWithHistograms, perSource = "all" } = options;
  const metrics = openSeries(prom, own, { perSourceHistograms, perSource });
  const gauges = new SourceGauges(metrics, options.pulls, perSource);
  metrics.info.set({ version: options.version, hostname: options.hostname }, 1);
  const entries: ConfiguredKeys = { pulls: options.pulls, pushes: options.pushes };
  register(metrics, entries, perSource);
  for (const outcome of ["fresh", "duplicate", "unavailable", "done", "retry", "dead"]) metrics.inboxEvents.inc({ outcome }, 0);
  let look: (() => Promise<void>) | undefined;
  async function* slices(): AsyncGenerator<string, void> {
    await look?.();
    yield* renderSlices(metrics, own, options.disableDefaultMetrics ? [] : [await processMetrics()]);
  }
  return {
    contentType: own.contentType,
    slices,
    async render() {
      let exposition = "";
      for await (const slice of slices()) exposition += slice;
      return exposition;
    },
    pull: pullObserver(metrics, gauges, perSourceHistograms),
    inbox: inboxObserver(metrics),
    sinkRequest({ status, durationMs, items }) {
      metrics.sinkRequests.inc({ status });
      metrics.sinkDuration.observe(durationMs / 1000);
      metrics.sinkBatchSize.observe(items);
    },
    compileObserver: () => compileObserver(metrics),
    noticeObserver: (notify) => noticeObserver(metrics, notify),
    forgottenObserver: (config) => forgottenObserver(metrics, config),
    delivery: {
      stageEnded: stageObserver(metrics),
      healed: ({ source, count }) => metrics.healed.inc(labelsOf(source), count),
      accepted: ({ source, count }) => metrics.episodes.inc({ ...labelsOf(source), outcome: "delivered" }, count),
      buried: ({ source }) => metrics.episodes.inc({ ...labelsOf(source), outcome: "buried" }),
    },
    webhookObserver: (source) => webhookObserver(metrics, source, perSourceHistograms),
    notFound: () => metrics.httpNotFound.inc(),
    misrouted: (reason) => metrics.pushMisrouted.inc({ reason }),
    follow({ pulls, pushes }) {
      entries.pulls = pulls;
      entries.pushes = pushes;
      register(metrics, entries, perSource);
      gauges.follow(pulls);
    },
    watch(watched) {
      look = lookAt(metrics, { entries, perSource }, watched, gauges);
      return () => {
        look = undefined;
        metrics.ready.set(0);
        metrics.schedulesArmed.set(0);
        metrics.receiversMounted.set(0);
        metrics.sourceUp.reset();
        metrics.paused.reset();
        hideStores(metrics);
        for (const gauge of [metrics.pullNextDue, metrics.pullInterval, metrics.pullRunning, metrics.watchExpires]) gauge.reset();
      };
    },
  };
}

/** With `unhealthy`, what needs attention has no series until it happens. */
type PerSource = NonNullable<MetricsOptions["perSource"]>;

/** The configured entries. */
interface ConfiguredKeys {
  pulls: readonly SourceKey[];
  pushes: readonly PushKey[];
}

/** What is counted already stays as it is. */
function register(metrics: OpenSeries, { pulls, pushes }: ConfiguredKeys, perSource: PerSource): void {
  for (const source of pulls) registerPull(metrics, source, perSource);
  for (const source of pushes) registerPush(metrics, source, perSource);
  for (const source of [...pulls, ...pushes]) registerEpisodes(metrics, source);
  if (pushes.length > 0) for (const reason of misroutings) metrics.pushMisrouted.inc({ reason }, 0);
}

function registerPull(metrics: OpenSeries, source: SourceKey, perSource: PerSource): void {
  const labels = labelsOf(source);
  for (const counter of [metrics.pullTicks, metrics.pullEpisodesEmitted, metrics.pullEpisodesIngested]) counter.inc(labels, 0);
  for (const outcome of ["run", "skipped", "missed", "caught_up"]) metrics.pullDues.inc({ ...labels, outcome }, 0);
  if (perSource === "unhealthy") return;
  metrics.healed.inc(labels, 0);
  for (const reason of ["load", "sync", "ingest"]) metrics.pullErrors.inc({ ...labels, reason }, 0);
}

function registerPush(metrics: OpenSeries, source: PushKey, perSource: PerSource): void {
  const labels = labelsOf(source);
  // A rise of it is an alert, which does not see the rise from nothing to the first value.
  if (source.pull !== undefined) metrics.healed.inc({ kind: source.kind, name: source.pull }, 0);
  metrics.pushDeliveries.inc(labels, 0);
  for (const status of ["200", "401"]) metrics.pushResponses.inc({ ...labels, status }, 0);
  if (perSource === "unhealthy") return;
  metrics.pushHandlerErrors.inc(labels, 0);
  for (const reason of refusalReasons) metrics.pushRefused.inc({ ...labels, reason }, 0);
}

function registerEpisodes(metrics: OpenSeries, source: SourceKey): void {
  for (const outcome of ["delivered", "buried"]) metrics.episodes.inc({ ...labelsOf(source), outcome }, 0);
}

function pullObserver(metrics: OpenSeries, gauges: SourceGauges, perSource: boolean): PullObserver {
  return {
    due: (source, outcome, count) => metrics.pullDues.inc({ ...labelsOf(source), outcome }, count),
    runStarted: (source) => metrics.pullTicks.inc(labelsOf(source)),
    episodesEmitted: (source, count) => metrics.pullEpisodesEmitted.inc(labelsOf(source), count),
    episodesIngested: (source, count) => metrics.pullEpisodesIngested.inc(labelsOf(source), count),
    itemsSkipped: (source, reason, count) => countSkipped(metrics, source, reason, count),
    itemsFailed: (source, count) => metrics.failedItems.inc(labelsOf(source), count),
    runFailed(source, phase, error) {
      // A run that a stop ends has not failed.
      if (isStop(error)) return;
      if (isConnectorsError(error, "PULL_ACCOUNT_WRONG")) metrics.unbalancedRuns.inc(labelsOf(source));
      const reason = isConnectorsError(error, "RUNNER_ENTRY_OPEN") ? "load" : phase;
      metrics.pullErrors.inc({ ...labelsOf(source), reason });
    },
    runEnded(source, durationMs, completedAtMs) {
      metrics.pullSyncDuration.observe(histogramLabels(source, perSource), durationMs / 1000);
      if (completedAtMs !== undefined) gauges.completed(source, completedAtMs);
    },
  };
}

function inboxObserver(metrics: OpenSeries): InboxObserver {
  return {
    settled: (_source, outcome) => metrics.inboxEvents.inc({ outcome }),
    itemsSkipped: (source, reason, count) => countSkipped(metrics, source, reason, count),
    itemsFailed: (source, count) => metrics.failedItems.inc(labelsOf(source), count),
  };
}

function stageObserver({ episodeSeconds }: OpenSeries): NonNullable<DeliveryObserver["stageEnded"]> {
  // Labels are looked up once: this runs twice for each episode.
  const stages = { accepted: episodeSeconds.labels("accepted"), delivered: episodeSeconds.labels("delivered") };
  return (stage, seconds) => stages[stage].observe(seconds);
}

function countSkipped(metrics: OpenSeries, source: SourceKey, reason: string, count: number): void {
  metrics.skippedItems.inc({ ...labelsOf(source), reason: shortWord(reason) }, count);
}

/** Which entries scrapes show. */
interface ShownEntries {
  readonly entries: ConfiguredKeys;
  readonly perSource: PerSource;
}

/** A store that takes longer has no figures in this scrape; scrapers give up after ten seconds. */
const storeTimeoutMs = 2_000;

function lookAt(
  metrics: OpenSeries,
  shown: ShownEntries,
  { clock, inboxStats, sourceStates, now }: Watched,
  gauges: SourceGauges,
): () => Promise<void> {
  const askInbox = askWithin(inboxStats, storeTimeoutMs, clock);
  const askStore = askWithin(sourceStates, storeTimeoutMs, clock);
  return async () => {
    const [stats, states] = await Promise.all([askInbox(), askStore()]);
    const { ready, sinkUp, foreignCursors, schedulesArmed, receiversMounted, stores, sources, paused, ...snapshots } = now();
    showStores(metrics, stores);
    metrics.ready.set(Number(ready));
    if (sinkUp === undefined) metrics.sinkUp.remove();
    else metrics.sinkUp.set(Number(sinkUp));
    metrics.foreignCursors.set(foreignCursors);
    metrics.schedulesArmed.set(schedulesArmed);
    metrics.receiversMounted.set(receiversMounted);
    metrics.paused.reset();
    for (const { source, direction } of paused) metrics.paused.set({ ...labelsOf(source), direction }, 1);
    await showInbox(metrics, shown, stats, clock.now());
    await gauges.show({ ...snapshots, sources, states, nowMs: clock.now() });
  };
}

/** Without figures the series are taken away: an old number would look like a fresh one. */
async function showInbox(
  metrics: OpenSeries,
  { entries, perSource }: ShownEntries,
  stats: InboxStats | undefined,
  nowMs: number,
): Promise<void> {
  const { inboxDepth, inboxOldestAge, deadLetters } = metrics;
  deadLetters.reset();
  if (stats === undefined) {
    for (const gauge of [inboxDepth, inboxOldestAge]) gauge.remove();
    return;
  }
  inboxDepth.set(stats.depth);
  inboxOldestAge.set(Math.max(0, nowMs - (stats.oldestAcceptedAtMs ?? nowMs)) / 1000);
  if (perSource !== "unhealthy") {
    const { pulls, pushes } = entries;
    await inTurns(pushes, (source) => deadLetters.set({ ...labelsOf(source), type: "event" }, 0));
    await inTurns(pulls.concat(pushes), (source) => deadLetters.set({ ...labelsOf(source), type: "episode" }, 0));
  }
  await inTurns(stats.deadLetters, ({ source, type, count }) => deadLetters.set({ ...labelsOf(source), type }, count));
}
