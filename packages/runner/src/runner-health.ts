import { describeError, formatSourceKey } from "@statewave-connectors/connector-sdk";
import type { Delivery } from "./delivery/delivery.ts";
import type { Engine } from "./engine.ts";
import type { HealthPart, HealthReport, SourcesPart, UnhealthySource } from "./http/health.ts";
import type { EntryHealth } from "./source-health/entry-health.ts";

/**
 * What `/readyz` tells. A probe is answered from what was last seen, never by waiting for a store: asking starts a fresh look at the
 * inbox, and at the store when a source is unhealthy, whose result the next probe shows.
 */
export class RunnerHealth {
  readonly #engine: Engine;
  #inbox: HealthPart;
  #looking = false;
  #learning = false;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#inbox = { status: "ok", detail: `a 2xx means ${engine.inbox.durability}` };
  }

  report(ready: boolean): HealthReport {
    const { config, store, delivery, entries, healths, scheduler } = this.#engine;
    void this.#look();
    void this.#learn();
    return {
      ready: ready && this.#inbox.status !== "down",
      store: { status: "ok", detail: `cursors are ${store.durability}; ${scheduler.armed} schedules armed` },
      inbox: this.#inbox,
      sink: describeSink(this.#engine.sink.description, delivery),
      receivers: { status: "ok", detail: `${entries.pushes.length} mounted` },
      sources: describeSources(healths.all, config.runner.hideMounts),
    };
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const { inbox } = this.#engine;
    try {
      const { depth } = await inbox.stats();
      this.#inbox = { status: "ok", detail: `a 2xx means ${inbox.durability}; ${depth} waiting` };
    } catch (error) {
      this.#inbox = { status: "down", detail: describeError(error) };
    } finally {
      this.#looking = false;
    }
  }

  /** Another process may have done meanwhile what failed here. */
  async #learn(): Promise<void> {
    if (this.#learning || !this.#engine.healths.all.some(({ state }) => state.status === "unhealthy")) return;
    this.#learning = true;
    // A store that is away tells nothing.
    await this.#engine.sourceStates().catch(() => undefined);
    this.#learning = false;
  }
}

/** At most so many sources are told one by one: with a thousand that share one token each probe would be answered with 300 kB. */
const maxTold = 50;

/** Where mounts are hidden from strangers, so are the names of entries and what their providers said. */
function describeSources(entries: readonly EntryHealth[], hidden: boolean): SourcesPart {
  const unhealthy = entries.flatMap(({ direction, source, state }): UnhealthySource[] => {
    if (state.status !== "unhealthy") return [];
    const { code, message, hint, sinceMs } = state;
    return [{ entry: `${direction} ${formatSourceKey(source)}`, since: new Date(sinceMs).toISOString(), code, message, hint }];
  });
  if (unhealthy.length === 0) return { status: "ok", detail: "none is known to be unhealthy" };
  const detail = `${unhealthy.length} unhealthy`;
  return { status: "degraded", detail, ...(hidden ? {} : { unhealthy: unhealthy.slice(0, maxTold) }) };
}

function describeSink(description: string, delivery: Pick<Delivery, "state">): HealthPart {
  const { status, reason, hint } = delivery.state;
  if (status === "up") return { status: "ok", detail: description };
  const detail = [`${description} is ${status}`, reason, hint].filter((part) => part !== undefined).join(": ");
  return { status: "degraded", detail };
}
