import type { Engine } from "../composition/engine.ts";
import { describeReceivers, describeSink, describeSources, unwritable, withForeignCursors } from "./describe-parts.ts";
import { failureSentences } from "./failure-sentences.ts";
import type { HealthPart, HealthReport } from "./health-report.ts";
import { noSource } from "./stores/store-healths.ts";

/**
 * What `/readyz` reports. A probe is answered from what was last seen, never by waiting for a store: each probe starts a fresh look at
 * the inbox and the store, whose result the next probe shows.
 */
export class RunnerHealth {
  readonly #engine: Engine;
  readonly #isRunning: () => boolean;
  readonly #lookAtInbox: () => void;
  readonly #lookAtStore: () => void;
  readonly #learn: () => void;
  readonly #describeInboxFailure: (error: unknown) => string;
  readonly #describeStoreFailure: (error: unknown) => string;
  #inbox: HealthPart;
  #storeTrouble: string | undefined;

  /** `isRunning`: whether it is between start and stop. */
  constructor(engine: Engine, isRunning: () => boolean) {
    this.#engine = engine;
    this.#isRunning = isRunning;
    this.#inbox = { status: "ok", detail: `a 2xx means ${engine.inbox.durability}` };
    const { injected, logger, healths } = engine;
    const part = { logger, clean: (text: string) => healths.clean(text) };
    this.#describeInboxFailure = failureSentences({ ...part, what: "the inbox", injected: injected.inbox });
    this.#describeStoreFailure = failureSentences({ ...part, what: "the cursor store", injected: injected.cursorStore });
    this.#lookAtInbox = oneAtATime(() => this.#askInbox());
    this.#lookAtStore = oneAtATime(() => this.#askStore());
    this.#learn = oneAtATime(() => this.#askOthers());
  }

  /** Whether this process should get traffic. */
  isReady(): boolean {
    this.#look();
    return this.#isReady;
  }

  report(): HealthReport {
    const { config, delivery, entries, healths, binding, sink, clock } = this.#engine;
    this.#look();
    return {
      ready: this.#isReady,
      store: this.#describeStore(),
      inbox: this.#describeInbox(),
      sink: withForeignCursors(describeSink(sink.description, delivery, clock.now()), binding.foreign),
      receivers: describeReceivers(entries.pushes, config.runner.basePath),
      sources: describeSources(healths.all, this.#engine.pauses.all),
    };
  }

  #look(): void {
    this.#lookAtInbox();
    this.#lookAtStore();
    this.#learn();
    this.#engine.stores.refresh();
  }

  get #isReady(): boolean {
    const { cursorStore, inboxWrites } = this.#engine.stores;
    const canWrite = cursorStore.status !== "unwritable" && inboxWrites.status !== "unwritable";
    return this.#isRunning() && canWrite && this.#inbox.status !== "down";
  }

  #describeInbox(): HealthPart {
    const { inboxWrites } = this.#engine.stores;
    return this.#inbox.status !== "down" && inboxWrites.status === "unwritable" ? unwritable(inboxWrites) : this.#inbox;
  }

  /** Receivers do without the store: while it is unreachable, only pulls wait. */
  #describeStore(): HealthPart {
    const { store, scheduler, stores } = this.#engine;
    if (stores.cursorStore.status === "unwritable") return unwritable(stores.cursorStore);
    if (this.#storeTrouble !== undefined) return { status: "degraded", detail: `no run can begin: ${this.#storeTrouble}` };
    const detail = `cursors are ${store.durability}; ${scheduler.armed} schedule${scheduler.armed === 1 ? "" : "s"} armed`;
    const { clockTrouble } = scheduler;
    return clockTrouble === undefined ? { status: "ok", detail } : { status: "degraded", detail: `${detail}; ${clockTrouble}` };
  }

  async #askInbox(): Promise<void> {
    const { inbox } = this.#engine;
    try {
      const { depth } = await inbox.stats();
      this.#inbox = { status: "ok", detail: `a 2xx means ${inbox.durability}; ${depth} waiting` };
    } catch (error) {
      this.#inbox = { status: "down", detail: this.#describeInboxFailure(error) };
    }
  }

  async #askStore(): Promise<void> {
    try {
      await this.#engine.store.get(noSource);
      this.#storeTrouble = undefined;
    } catch (error) {
      this.#storeTrouble = this.#describeStoreFailure(error);
    }
  }

  /** Another process may have done meanwhile what failed here. */
  async #askOthers(): Promise<void> {
    const { binding } = this.#engine;
    if (binding.foreign.length > 0) await binding.refresh().catch(() => undefined);
    if (!this.#engine.healths.all.some(({ state }) => state.status === "unhealthy")) return;
    // An unreachable store shows nothing.
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
