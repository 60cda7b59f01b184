import type { DeliveryState } from "../delivery/sink-health.ts";
import type { Engine } from "../composition/engine.ts";
import type { EngineObservers } from "../composition/engine-options.ts";
import type { Metrics } from "./metrics.ts";

/** What an engine reports to the metrics while it works. */
export function engineObservers({ pull, sinkRequest, delivery }: Metrics): EngineObservers {
  return { pull, sinkRequest, delivery };
}

/** Lets scrapes look at a running engine, until the returned function is called. */
export function watchEngine(metrics: Metrics, engine: Engine, isReady: () => boolean): () => void {
  const { clock, inbox, scheduler, entries, healths, delivery, binding } = engine;
  return metrics.watch({
    clock,
    inboxStats: () => inbox.stats(),
    sourceStates: () => engine.sourceStates(),
    now: () => ({
      ready: isReady(),
      sinkUp: sinkUp(delivery.state),
      foreignCursors: binding.foreign.length,
      schedulesArmed: scheduler.armed,
      receiversMounted: entries.pushes.length,
      stores: engine.stores.all,
      sources: healths.all.flatMap(({ source, direction, state }) =>
        state.status === "unknown" ? [] : [{ source, direction, up: state.status === "ok" }],
      ),
      paused: engine.pauses.all,
      pulls: scheduler.snapshots(),
      watches: engine.watches.expiries(),
      pushes: entries.pushes.map(({ key }) => ({ source: key, arrivedAtMs: healths.of("push", key).arrivedAtMs })),
    }),
  });
}

/** A server that answers 429 is up: it accepts episodes after a pause. */
function sinkUp({ status, tried }: DeliveryState): boolean | undefined {
  return tried ? status === "up" || status === "limited" : undefined;
}
