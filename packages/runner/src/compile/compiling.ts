import type { ConnectorsConfig } from "@statewave-connectors/config";
import { type Clock, type Logger } from "@statewave-connectors/connector-sdk";
import { type CursorStore, recordsInMemory, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { Delivery } from "../delivery/delivery.ts";
import type { Ingest } from "../sinks/ingest-sink.ts";
import { defaultLeaseTtlMs } from "../pull/lease-keeper.ts";
import { networkOf } from "../network/network.ts";
import type { LiveKeys } from "../sinks/statewave/live-keys.ts";
import { StatewaveServer } from "../sinks/statewave/statewave-server.ts";
import { isShared } from "../state/is-shared.ts";
import { CompileClient } from "./compile-client.ts";
import { CompileRecords } from "./compile-records.ts";
import { Compiler, type CompileObserver } from "./compiler.ts";
import { MarkingDelivery } from "./marking-delivery.ts";
import type { CompileTimes } from "./plan-round.ts";
import { TouchedSubjects } from "./touched-subjects.ts";

export interface CompilingOptions {
  readonly config: Pick<ConnectorsConfig, "statewave" | "runner">;
  readonly store: CursorStore;
  readonly keys: LiveKeys;
  /** See `SinkIdentity`. */
  readonly sinkFingerprint: string;
  /** This process, unique. */
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Replaces `[statewave] url`. */
  readonly ingest?: Ingest | undefined;
  readonly fetchImpl?: typeof globalThis.fetch | undefined;
  readonly leaseTtlMs?: number | undefined;
}

/** `[statewave.compile]` in an engine: which subjects its delivery touches is recorded, and a runner has them compiled. */
export class Compiling {
  readonly #options: CompilingOptions;
  readonly #times: CompileTimes;
  readonly #records: CompileRecords;
  readonly #touched: TouchedSubjects;

  private constructor(options: CompilingOptions, times: CompileTimes) {
    const { store, sinkFingerprint, clock, logger } = options;
    this.#options = options;
    this.#times = times;
    this.#records = new CompileRecords(store.records ?? recordsOfThisProcess(clock, logger), sinkFingerprint);
    this.#touched = new TouchedSubjects({ ...options, records: this.#records, quietMs: times.quietMs });
  }

  /** Undefined where nothing is to be compiled: costs nothing then. */
  static of(options: CompilingOptions): Compiling | undefined {
    const { config, ingest, logger } = options;
    const { compile } = config.statewave;
    if (compile === undefined) return undefined;
    if (ingest === undefined) return new Compiling(options, compile);
    logger.warn("nothing is compiled: episodes go to the ingest function instead of [statewave] url");
    return undefined;
  }

  marking(delivery: Delivery): Delivery {
    return new MarkingDelivery(delivery, this.#touched);
  }

  /** Compiles from now on, unless another process does; the returned function ends it. Nothing is compiled by an engine without it. */
  start(delivery: Pick<Delivery, "state" | "whenUp" | "stats">, observer: CompileObserver): () => Promise<void> {
    const { config, keys, store, clock, logger, owner, fetchImpl, leaseTtlMs = defaultLeaseTtlMs } = this.#options;
    const { statewave, runner } = config;
    const server = new StatewaveServer({
      url: new URL(statewave.url),
      keys,
      tenantId: statewave.tenantId,
      tenantHeader: statewave.tenantHeader,
      userAgent: "statewave-connectors",
      clock,
      fetchImpl,
      network: networkOf(runner.http),
    });
    const compiler = new Compiler({
      client: new CompileClient(server, clock),
      records: this.#records,
      touched: this.#touched,
      delivery,
      times: this.#times,
      owner,
      clock,
      logger,
      observer,
      leaseTtlMs,
      isShared: isShared(store),
    });
    compiler.start();
    return async () => {
      await compiler.stop();
      await server.close();
    };
  }
}

/** For a store that keeps none. */
function recordsOfThisProcess(clock: Clock, logger: Logger): StoreRecords {
  logger.warn("the state store keeps no records: which subjects are to be compiled is forgotten at a restart");
  return recordsInMemory(clock);
}
