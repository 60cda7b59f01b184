import type { Clock, Episode } from "@statewave-connectors/connector-sdk";
import { sleep } from "@statewave-connectors/connector-sdk";
import { scopeFull } from "@statewave-connectors/connector-sdk/store";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { onTestFinished } from "vitest";
import { Compiler, type CompileObserver, type CompilerOptions } from "../../src/compile/compiler.ts";
import { CompileClient } from "../../src/compile/compile-client.ts";
import { CompileRecords } from "../../src/compile/compile-records.ts";
import { MarkingDelivery } from "../../src/compile/marking-delivery.ts";
import { TouchedSubjects } from "../../src/compile/touched-subjects.ts";
import { createDelivery, type Delivery } from "../../src/delivery/delivery.ts";
import { sinkFromIngest } from "../../src/sinks/ingest-sink.ts";
import { StatewaveServer } from "../../src/sinks/statewave/statewave-server.ts";
import { keepingLogger } from "../health/logging.ts";
import { ModelServer } from "./model-server.ts";
import { settle } from "./settle.ts";

export interface WorldOptions {
  readonly quietMs?: number;
  readonly atMostMs?: number;
  readonly leaseTtlMs?: number;
  /** How long a request to the store takes. Default: no time. */
  readonly storeMs?: () => number;
  /** Whether the store has no room for another page. Default: it always has. */
  readonly isFull?: () => boolean;
}

/** One store, one server and a clock, for as many processes as a test starts. */
export function compileWorld(options: WorldOptions = {}) {
  const clock = new FakeClock();
  const store = new InMemoryPullCursorStore({ clock });
  const server = new ModelServer(clock);
  const processes: Process[] = [];
  const start = (name: string, changes: Partial<CompilerOptions> = {}) => {
    const process = new Process(name, { clock, store, server, options, changes });
    processes.push(process);
    return process;
  };
  onTestFinished(async () => {
    for (const process of processes) process.resume();
    await settle(clock, Promise.all(processes.map((process) => process.stop())), 100);
  });
  return { clock, store, server, start, records: new CompileRecords(store.records, "test") };
}

interface ProcessOptions {
  readonly clock: FakeClock;
  readonly store: InMemoryPullCursorStore;
  readonly server: ModelServer;
  readonly options: WorldOptions;
  readonly changes: Partial<CompilerOptions>;
}

/** A process that delivers, and compiles when it is its turn. It can stand still, and be killed. */
export class Process {
  readonly delivery: Delivery;
  readonly touched: TouchedSubjects;
  readonly seen: { readonly outcomes: string[]; readonly seconds: number[] } = { outcomes: [], seconds: [] };
  readonly lines = keepingLogger();
  readonly #name: string;
  readonly #inner: Delivery;
  readonly #compiler: Compiler;
  #isKilled = false;
  #keys = 0;
  #stands: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(name: string, { clock: worldClock, store, server, options, changes }: ProcessOptions) {
    const { quietMs = 60_000, atMostMs = 600_000, leaseTtlMs = 30_000, storeMs = () => 0, isFull = () => false } = options;
    this.#name = name;
    const clock = this.#ownClock(worldClock);
    const { logger } = this.lines;
    const through = async <Result>(request: () => Promise<Result>): Promise<Result> => {
      await this.#moves();
      const takesMs = storeMs();
      if (takesMs > 0) await sleep(worldClock, takesMs);
      const result = await request();
      if (takesMs > 0) await sleep(worldClock, storeMs());
      await this.#moves();
      return result;
    };
    const records = new CompileRecords(
      {
        get: (...args) => through(() => store.records.get(...args)),
        compareAndSet: (write) =>
          through(() => {
            if (isFull() && write.key.startsWith("page/") && write.expectedVersion === 0) throw scopeFull(write.scope);
            return store.records.compareAndSet(write);
          }),
        list: (...args) => through(() => store.records.list(...args)),
        scopes: (...args) => through(() => store.records.scopes(...args)),
      },
      "test",
    );
    this.#inner = createDelivery({
      sink: sinkFromIngest((episodes) => through(() => server.ingest(episodes)), { clock, logger }),
      bury: async () => undefined,
      clock,
      random: () => 0.5,
      logger,
      maxInFlight: 2,
      lingerMs: 0,
    });
    this.touched = new TouchedSubjects({ records, owner: name, clock, logger, quietMs });
    this.delivery = new MarkingDelivery(this.#inner, this.touched);
    const observer: CompileObserver = {
      request: (outcome) => void this.seen.outcomes.push(outcome),
      compiled: (seconds) => void this.seen.seconds.push(seconds),
    };
    const statewave = new StatewaveServer({
      url: new URL("http://statewave.test"),
      tenantHeader: "X-Tenant-ID",
      userAgent: "test",
      clock,
      fetchImpl: (...args) => through(() => server.fetch(...args)),
    });
    this.#compiler = new Compiler({
      client: new CompileClient(statewave, clock),
      records,
      touched: this.touched,
      delivery: this.delivery,
      times: { quietMs, atMostMs },
      owner: name,
      clock,
      logger,
      observer,
      leaseTtlMs,
      isShared: true,
      ...changes,
    });
  }

  /** Delivers one episode of each subject. */
  async deliver(...subjects: readonly string[]): Promise<void> {
    const episodes = subjects.map((subject) => this.#episode(subject));
    const source = { kind: "test", name: this.#name };
    await this.delivery.deliver({ source, connectorVersion: "1", episodes, signal: new AbortController().signal });
  }

  compile(): void {
    this.#compiler.start();
  }

  /** Stands still as after SIGSTOP: its timers fire and its requests are answered when it resumes. */
  pause(): void {
    this.#stands ??= Promise.withResolvers<void>();
  }

  resume(): void {
    this.#stands?.resolve();
    this.#stands = undefined;
  }

  /** Ends as after SIGKILL: nothing of it happens any more. */
  kill(): void {
    this.#isKilled = true;
  }

  async stop(): Promise<void> {
    if (this.#isKilled) return;
    await this.#compiler.stop();
    await this.#inner.close(AbortSignal.abort());
  }

  async #moves(): Promise<void> {
    while (this.#stands !== undefined) await this.#stands.promise;
    if (this.#isKilled) await new Promise(() => undefined);
  }

  async #whenItMoves(act: () => void): Promise<void> {
    await this.#moves();
    act();
  }

  #ownClock(world: FakeClock): Clock {
    return {
      now: () => world.now(),
      elapsed: () => world.elapsed(),
      after: (delayMs, callback) => {
        let isCancelled = false;
        const cancel = world.after(delayMs, () => {
          void this.#whenItMoves(() => {
            if (!isCancelled) callback();
          });
        });
        return () => {
          isCancelled = true;
          cancel();
        };
      },
    };
  }

  #episode(subject: string): Episode {
    this.#keys += 1;
    return {
      subject,
      kind: "test.happened",
      text: "something happened",
      occurred_at: "2026-01-01T00:00:00Z",
      source: { type: "test", id: "1" },
      metadata: {},
      idempotency_key: `${this.#name} ${this.#keys}`,
    };
  }
}
