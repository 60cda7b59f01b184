import { compileObserver, forgottenObserver, noticeObserver } from "./background-observers.ts";
import { inboxObserver, pullObserver, stageObserver } from "./engine-observers.ts";
import { loadPromParts } from "./load-prom-client.ts";
import { lookAt } from "./look-at-scrape.ts";
import { labelsOf } from "./metric-labels.ts";
import type { Metrics, MetricsOptions } from "./metrics.ts";
import { openSeries } from "./open-series.ts";
import { processMetrics } from "./process-metrics.ts";
import { type ConfiguredKeys, forgetReceivers, registerEntries } from "./register-entries.ts";
import { renderSlices } from "./render-slices.ts";
import { SourceGauges } from "./source-gauges.ts";
import { hideStores } from "./store-gauges.ts";
import { webhookObserver } from "./webhook-observer.ts";

/** Twelve more series for each source are cheap up to here; 10,000 sources would have 120,000 of them. */
const mostSourcesWithHistograms = 100;

/** Opens the runner's metrics. prom-client is loaded here, so a program that only imports the runner does not load it. */
export async function createMetrics(options: MetricsOptions): Promise<Metrics> {
  const prom = await loadPromParts();
  const sources = options.pulls.length + options.pushes.length;
  const { perSourceHistograms = sources <= mostSourcesWithHistograms, perSource = "all" } = options;
  const metrics = openSeries(prom, { perSourceHistograms, perSource });
  const gauges = new SourceGauges(metrics, options.pulls, perSource);
  metrics.info.set({ version: options.version, hostname: options.hostname }, 1);
  const entries: ConfiguredKeys = { pulls: options.pulls, pushes: options.pushes };
  registerEntries(metrics, entries, perSource);
  for (const outcome of ["fresh", "duplicate", "unavailable", "done", "retry", "dead"]) metrics.inboxEvents.inc({ outcome }, 0);
  let look: (() => Promise<void>) | undefined;
  async function* slices(): AsyncGenerator<string, void> {
    await look?.();
    yield* renderSlices(metrics, options.disableDefaultMetrics ? [] : [await processMetrics()]);
  }
  return {
    contentType: prom.Registry.PROMETHEUS_CONTENT_TYPE,
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
      metrics.sinkDuration.observe({}, durationMs / 1000);
      metrics.sinkBatchSize.observe({}, items);
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
      forgetReceivers(metrics, entries, { pulls, pushes }, perSource);
      entries.pulls = pulls;
      entries.pushes = pushes;
      registerEntries(metrics, entries, perSource);
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
