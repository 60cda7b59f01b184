import { setImmediate as nextTurn } from "node:timers/promises";
import { parseSchedule } from "@statewave-connectors/config";
import type { Episode, Page, PullRange, PullSource } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import type { BackfillRequest } from "../../src/backfill/backfill-request.ts";
import { Backfills } from "../../src/backfill/backfills.ts";
import { createDelivery } from "../../src/delivery/delivery.ts";
import type { OpenedPull } from "../../src/pull/opened-pull.ts";
import { sinkFromIngest } from "../../src/sinks/ingest-sink.ts";

export const source = { kind: "demo", name: "numbers" };
const firstMs = Date.UTC(2025, 0, 1);
const hourMs = 60 * 60_000;

/** Item `n` happened `n` hours after the first one. */
export function itemAt(number: number): Episode {
  return {
    subject: "demo:numbers",
    kind: "demo.number",
    text: `number ${number}`,
    occurred_at: new Date(firstMs + number * hourMs).toISOString(),
    source: { type: "demo.number", id: String(number) },
    idempotency_key: `key-${number}`,
  };
}

/** Numbered items, `pageSize` a page; the cursor of a range is the next number, followed by `padding`. */
export class RangedNumbers implements PullSource {
  readonly starts: (string | undefined)[] = [];
  padding = "";
  /** Awaited before each page. */
  beforePage: (first: number, signal: AbortSignal) => Promise<void> = async () => undefined;
  readonly #pageSize: number;

  constructor(pageSize = 10) {
    this.#pageSize = pageSize;
  }

  async *pages(): AsyncGenerator<Page, void> {
    yield { episodes: [], cursor: "live" };
  }

  async *range({ since, until, stream }: PullRange, cursor: string | undefined, signal: AbortSignal): AsyncGenerator<Page, void> {
    this.starts.push(cursor?.split(" ")[0]);
    if (stream === "mistyped") throw new TypeError("there is no such stream");
    const end = Math.ceil((Date.parse(until) - firstMs) / hourMs);
    const start = Math.max(0, Math.ceil((Date.parse(since) - firstMs) / hourMs));
    for (let first = Number(cursor?.split(" ")[0] ?? start); first < end; first += this.#pageSize) {
      await this.beforePage(first, signal);
      const last = Math.min(first + this.#pageSize, end);
      const episodes = Array.from({ length: last - first }, (_, index) => itemAt(first + index));
      yield { episodes, cursor: `${last} ${this.padding}` };
    }
  }
}

export interface BackfillWorldOptions {
  readonly source?: PullSource;
  readonly clock?: FakeClock;
  readonly store?: CursorStore;
  readonly owner?: string;
  readonly sink?: string;
  readonly received?: string[];
}

/** A process that runs backfills, over real parts: only time, the source and the sink are the test's. */
export function backfillWorld(options: BackfillWorldOptions = {}) {
  const { clock = new FakeClock(), owner = "a", received = [], sink = "first" } = options;
  const store = options.store ?? new InMemoryPullCursorStore({ clock });
  const numbers = options.source ?? new RangedNumbers();
  const ingest = async (episodes: readonly Episode[]) => void received.push(...episodes.map(({ text }) => text));
  const delivery = createDelivery({
    sink: sinkFromIngest(ingest, { clock, logger: silentLogger }),
    bury: () => Promise.reject(new Error("nothing is to be buried here")),
    clock,
    random: () => 0.5,
    logger: silentLogger,
    maxInFlight: 2,
    lingerMs: 0,
  });
  const schedule = parseSchedule("0 0 1 1 *", { timezone: "UTC", key: "demo/numbers" });
  const entry = { ...source, schedule, dryRun: false, catchUp: "once", options: {} } as const;
  const pull: OpenedPull = { key: source, entry, connectorVersion: "1.0.0", source: numbers, isTwin: false };
  const backfills = new Backfills({
    entries: { pulls: [pull] },
    store,
    sink: { fingerprint: sink, label: sink },
    delivery,
    buryFailedItem: async () => undefined,
    clock,
    random: Math.random,
    logger: silentLogger,
    owner,
    syncTimeoutMs: 5 * 60_000,
    redact: (_, text) => text.replaceAll("ana@example.com", "[email]"),
  });
  return { clock, store, backfills, received, numbers };
}

/** A store as processes on one server see it: a lease of a dead one lapses by its time only. */
export function sharedStore(clock: FakeClock): CursorStore {
  const store = new InMemoryPullCursorStore({ clock });
  return new Proxy(store, {
    get(target, name) {
      if (name === "livesIn") return undefined;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** The request for the first `count` items. */
export function rangeOf(count: number, more: Partial<BackfillRequest> = {}): BackfillRequest {
  const [since, until] = [firstMs, firstMs + count * hourMs].map((ms) => new Date(ms).toISOString());
  return { source, since: since!, until: until!, rangeText: `first ${count}`, ...more };
}

/** Lets time pass until `promise` settles; a year at most. */
export async function settled<Value>(clock: FakeClock, promise: Promise<Value>): Promise<Value> {
  const waiting = new Set([promise]);
  const settle = () => waiting.clear();
  promise.then(settle, settle);
  for (let step = 0; step < 500_000 && waiting.size > 0; step += 1) {
    await nextTurn();
    if (waiting.size > 0) await clock.advance(100);
  }
  return promise;
}

/** Lets time pass in small steps. */
export async function pass(clock: FakeClock, durationMs: number): Promise<void> {
  for (let left = durationMs; left > 0; left -= 100) {
    await clock.advance(Math.min(100, left));
    await nextTurn();
  }
}
