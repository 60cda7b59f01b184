import { setImmediate as nextTurn } from "node:timers/promises";
import { parseSchedule, type PullEntry } from "@statewave-connectors/config";
import type { Episode, Logger, Page, PullSource } from "@statewave-connectors/connector-sdk";
import { silentLogger, type Sink } from "@statewave-connectors/connector-sdk/host";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { createDelivery } from "../../src/delivery/delivery.ts";
import { sinkFromIngest } from "../../src/sinks/ingest-sink.ts";
import type { OpenedPull } from "../../src/pull/opened-pull.ts";
import { type DueOutcome, type PullObserver, silentPullObserver } from "../../src/pull/pull-observer.ts";
import { PullScheduler, type PullSchedulerOptions } from "../../src/pull/pull-scheduler.ts";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";

/** A source of numbered items, three a page; its cursor is how many were read. */
export class NumberedSource implements PullSource {
  count: number;
  /** The cursors that runs began from. */
  readonly runs: (string | undefined)[] = [];
  /** Awaited before each page. */
  beforePage: (first: number, signal: AbortSignal) => Promise<void> = async () => undefined;

  constructor(count: number) {
    this.count = count;
  }

  async *pages(cursor: string | undefined, signal: AbortSignal): AsyncGenerator<Page, void> {
    this.runs.push(cursor);
    for (let first = Number(cursor ?? 0); first < this.count; first += 3) {
      await this.beforePage(first, signal);
      const last = Math.min(first + 3, this.count);
      const episodes = Array.from({ length: last - first }, (_, index) => numberedEpisode(first + index));
      yield { episodes, cursor: String(last) };
    }
  }
}

export function numberedEpisode(number: number): Episode {
  return {
    subject: "demo:numbers",
    kind: "demo.number",
    text: `number ${number}`,
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "demo.number", id: String(number) },
    idempotency_key: `key-${number}`,
  };
}

export interface PullWorldOptions {
  readonly sources: Readonly<Record<string, PullSource>>;
  readonly schedule?: string;
  readonly entry?: Partial<PullEntry>;
  /** Shared by worlds that stand for processes on one store. */
  readonly clock?: FakeClock;
  readonly store?: CursorStore;
  readonly ingest?: (texts: readonly string[]) => Promise<void>;
  /** Whether the sink answers a request without episodes. Default: it has no such request. */
  readonly isReachable?: () => boolean;
  /** Called before an item is buried. */
  readonly buryFailedItem?: (id: string) => Promise<void>;
  readonly logger?: Logger;
  readonly maxConcurrentSyncs?: number;
  readonly beforeCheckpoint?: PullSchedulerOptions["beforeCheckpoint"];
  /** Keeps the accounts of runs. Default: nothing does. */
  readonly recorder?: PullSchedulerOptions["recorder"];
  /** Whether a receiver names the sources as its twins. Default false. */
  readonly isTwin?: boolean;
  /** Default: always 0.5. */
  readonly random?: () => number;
}

/** A scheduler over real parts: only time, chance and the outside world are the test's. */
export function pullWorld(options: PullWorldOptions) {
  const clock = options.clock ?? new FakeClock();
  const store = options.store ?? new InMemoryPullCursorStore({ clock });
  const received: string[] = [];
  const dues: string[] = [];
  const failures: string[] = [];
  const errors: unknown[] = [];
  const ingest = async (episodes: readonly Episode[]) => {
    await options.ingest?.(episodes.map(({ text }) => text));
    received.push(...episodes.map(({ text }) => text));
  };
  const wantsFresh: boolean[] = [];
  const ingestSink = sinkFromIngest(ingest, { clock, logger: silentLogger });
  const sink: Sink = {
    ...ingestSink,
    send(batch, signal) {
      wantsFresh.push(...batch.map((item) => item.wantsFresh === true));
      return ingestSink.send(batch, signal);
    },
  };
  const { isReachable } = options;
  const delivery = createDelivery({
    sink: isReachable === undefined ? sink : { ...sink, isReachable: async () => isReachable() },
    bury: () => Promise.reject(new Error("nothing is to be buried here")),
    clock,
    random: () => 0.5,
    logger: silentLogger,
    maxInFlight: 2,
    lingerMs: 0,
  });
  const pulls = Object.entries(options.sources).map(([name, source]): OpenedPull => {
    const key = { kind: "demo", name };
    const schedule = parseSchedule(options.schedule ?? "0 * * * *", { timezone: "UTC", key: `demo/${name}` });
    const entry: PullEntry = { ...key, schedule, dryRun: false, catchUp: "once", options: {}, ...options.entry };
    return { key, entry, connectorVersion: "1.0.0", source, isTwin: options.isTwin ?? false };
  });
  const observer: PullObserver = {
    ...silentPullObserver,
    due: ({ name }, outcome: DueOutcome, count) => dues.push(`${name} ${outcome} ${count}`),
    runFailed({ name }, phase, error) {
      failures.push(`${name} ${phase}`);
      errors.push(error);
    },
  };
  const buried: { readonly id: string; readonly reason: string; readonly raw?: unknown }[] = [];
  const buryFailedItem: PullSchedulerOptions["buryFailedItem"] = async ({ id, raw }, reason) => {
    await options.buryFailedItem?.(id);
    buried.push({ id, reason, raw });
  };
  const scheduler = new PullScheduler({
    pulls,
    buryFailedItem,
    store,
    delivery,
    clock,
    random: options.random ?? (() => 0.5),
    logger: options.logger ?? silentLogger,
    observer,
    recorder: options.recorder,
    beforeCheckpoint: options.beforeCheckpoint,
    owner: `process-${Math.random()}`,
    maxConcurrentSyncs: options.maxConcurrentSyncs ?? 8,
    syncTimeoutMs: 5 * 60_000,
  });
  /** Lets time pass in small steps, and what it set off run to its end: a page takes several turns on its way to the sink. */
  const pass = async (durationMs: number) => {
    const endMs = clock.now() + durationMs;
    const stepMs = Math.max(1, Math.ceil(durationMs / 200));
    while (clock.now() < endMs) {
      await clock.advance(Math.min(stepMs, endMs - clock.now()));
      for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    }
    for (let turn = 0; turn < 50; turn += 1) {
      await clock.advance(0);
      await nextTurn();
    }
  };
  return { clock, store, delivery, scheduler, pulls, received, wantsFresh, buried, buryFailedItem, dues, failures, errors, pass };
}
