import type { InboxStats } from "@statewave-connectors/connector-sdk/inbox";
import { askWithin } from "../deadline/ask-within.ts";
import { inTurns } from "../turns.ts";
import { labelsOf } from "./metric-labels.ts";
import type { Watched } from "./metrics.ts";
import type { OpenSeries } from "./open-series.ts";
import type { ConfiguredKeys, PerSource } from "./register-entries.ts";
import type { SourceGauges } from "./source-gauges.ts";
import { showStores } from "./store-gauges.ts";

/** Which entries scrapes show. */
interface ShownEntries {
  readonly entries: ConfiguredKeys;
  readonly perSource: PerSource;
}

/** A store that takes longer has no figures in this scrape; scrapers give up after ten seconds. */
const storeTimeoutMs = 2_000;

/** Sets the gauges before a scrape: what is not counted as it happens. */
export function lookAt(
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
