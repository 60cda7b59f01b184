import { describeError, formatSourceKey, type SourceKey } from "@statewave-connectors/connector-sdk";
import type { Delivery } from "./delivery/delivery.ts";
import type { Engine } from "./engine.ts";
import type { HealthPart, HealthReport, SourcesPart, UnhealthySource } from "./http/health.ts";
import type { EntryHealth } from "./source-health/entry-health.ts";

/** Asked for to see whether the store answers; no entry can have this name. */
const nobody: SourceKey = { kind: "readyz", name: "-" };

/**
 * What `/readyz` tells. A probe is answered from what was last seen, never by waiting for a store: asking starts a fresh look at the
 * inbox and the store, whose result the next probe shows.
 */
export class RunnerHealth {
  readonly #engine: Engine;
  readonly #lookAtInbox: () => void;
  readonly #lookAtStore: () => void;
  readonly #learn: () => void;
  #inbox: HealthPart;
  #storeTrouble: string | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#inbox = { status: "ok", detail: `a 2xx means ${engine.inbox.durability}` };
    this.#lookAtInbox = oneAtATime(() => this.#askInbox());
    this.#lookAtStore = oneAtATime(() => this.#askStore());
    this.#learn = oneAtATime(() => this.#askOthers());
  }

  report(ready: boolean): HealthReport {
    const { config, delivery, entries, healths } = this.#engine;
    this.#lookAtInbox();
    this.#lookAtStore();
    this.#learn();
    return {
      ready: ready && this.#inbox.status !== "down",
      store: this.#describeStore(),
      inbox: this.#inbox,
      sink: describeSink(this.#engine.sink.description, delivery, this.#engine.clock.now()),
      receivers: { status: "ok", detail: `${entries.pushes.length} mounted` },
      sources: describeSources(healths.all, config.runner.hideMounts),
    };
  }

  /** Receivers do without the store: while it is away, only ticks wait. */
  #describeStore(): HealthPart {
    const { store, scheduler } = this.#engine;
    if (this.#storeTrouble !== undefined) return { status: "degraded", detail: `no tick can begin: ${this.#storeTrouble}` };
    return { status: "ok", detail: `cursors are ${store.durability}; ${scheduler.armed} schedules armed` };
  }

  async #askInbox(): Promise<void> {
    const { inbox } = this.#engine;
    try {
      const { depth } = await inbox.stats();
      this.#inbox = { status: "ok", detail: `a 2xx means ${inbox.durability}; ${depth} waiting` };
    } catch (error) {
      this.#inbox = { status: "down", detail: this.#describe(error) };
    }
  }

  async #askStore(): Promise<void> {
    try {
      await this.#engine.store.get(nobody);
      this.#storeTrouble = undefined;
    } catch (error) {
      this.#storeTrouble = this.#describe(error);
    }
  }

  /** A store of somebody else may put the address that it was given, password and all, into its words. */
  #describe(error: unknown): string {
    return this.#engine.healths.clean(describeError(error));
  }

  /** Another process may have done meanwhile what failed here. */
  async #askOthers(): Promise<void> {
    if (!this.#engine.healths.all.some(({ state }) => state.status === "unhealthy")) return;
    // A store that is away tells nothing.
    await this.#engine.sourceStates().catch(() => undefined);
  }
}

/** What is called while the last call is under way does nothing. */
function oneAtATime(work: () => Promise<void>): () => void {
  let running = false;
  return () => {
    if (running) return;
    running = true;
    void work().finally(() => (running = false));
  };
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

function describeSink(description: string, delivery: Pick<Delivery, "state" | "nextAttemptAtMs">, nowMs: number): HealthPart {
  const { status, tried, sinceMs, reason, hint } = delivery.state;
  if (!tried) return { status: "unknown", detail: `${description} was not tried yet` };
  if (status === "up") return { status: "ok", detail: description };
  const since = `${description} is ${status} since ${new Date(sinceMs).toISOString()}`;
  const nextInMs = Math.max(0, (delivery.nextAttemptAtMs ?? nowMs) - nowMs);
  const next = `next attempt in ${Math.ceil(nextInMs / 1000)} s`;
  return { status: "degraded", detail: [since, reason, hint, next].filter((part) => part !== undefined).join(": ") };
}
