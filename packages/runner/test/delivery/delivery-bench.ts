import type { Episode, Logger } from "@statewave-connectors/connector-sdk";
import { type OutboundEpisode, type SendResult, silentLogger, type Sink } from "@statewave-connectors/connector-sdk/host";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { createDelivery, type Delivery } from "../../src/delivery/delivery.ts";
import type { DeliveryOptions } from "../../src/delivery/delivery-options.ts";

export const accepted: SendResult = { type: "accepted" };

export interface SentBatch {
  readonly atMs: number;
  readonly keys: readonly string[];
  readonly items: readonly OutboundEpisode[];
}

type Answer = (batch: readonly OutboundEpisode[], index: number, signal: AbortSignal) => SendResult | Promise<SendResult>;

/** A sink that answers by a script and remembers what it was sent. */
export class ScriptedSink implements Sink {
  readonly description = "scripted";
  readonly maxBatchItems: number = 100;
  readonly maxBatchBytes: number = 1_000_000;
  readonly batches: SentBatch[] = [];
  /** Keys of the episodes it accepted, in order, repeats included. */
  readonly stored: string[] = [];
  inFlight = 0;
  maxInFlight = 0;
  answer: Answer = () => accepted;
  isReachable?: () => Promise<boolean>;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async send(items: readonly OutboundEpisode[], signal: AbortSignal): Promise<SendResult> {
    const keys = items.map(({ episode }) => episode.idempotency_key);
    this.batches.push({ atMs: this.#clock.now(), keys, items });
    this.inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    try {
      const result = await this.answer(items, this.batches.length - 1, signal);
      if (result.type === "accepted") this.stored.push(...keys);
      return result;
    } finally {
      this.inFlight -= 1;
    }
  }
}

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A delivery on a fake clock with a scripted sink, and what it buried and logged. */
export class DeliveryBench {
  readonly clock = new FakeClock();
  readonly sink = new ScriptedSink(this.clock);
  readonly buried: { readonly source: string; readonly key: string; readonly reason: string }[] = [];
  readonly log: LogLine[] = [];
  readonly delivery: Delivery;
  bury: (episode: Episode) => Promise<void> = async () => undefined;

  constructor(
    options: Partial<Pick<DeliveryOptions, "sink" | "maxInFlight" | "lingerMs" | "observer" | "waitingEvents">> & {
      readonly seed?: number;
      /** What the scripted sink answers without episodes. Default: it has no such request. */
      readonly isReachable?: () => Promise<boolean>;
    } = {},
  ) {
    if (options.isReachable !== undefined) this.sink.isReachable = options.isReachable;
    const { sink = this.sink, maxInFlight = 2, lingerMs = 5, seed = 1, observer, waitingEvents } = options;
    this.delivery = createDelivery({
      sink,
      bury: async (source, episode, reason) => {
        await this.bury(episode);
        this.buried.push({ source: `${source.kind}/${source.name}`, key: episode.idempotency_key, reason });
      },
      clock: this.clock,
      random: seededRandom(seed),
      logger: this.#logger(),
      maxInFlight,
      lingerMs,
      observer,
      waitingEvents,
    });
  }

  deliver(episodes: readonly Episode[], name = "widgets", signal: AbortSignal = new AbortController().signal): Settling {
    return new Settling(this.delivery.deliver({ source: { kind: "github", name }, connectorVersion: "1.2.3", episodes, signal }));
  }

  /** Lets time pass until everything is settled; fails when that takes longer. */
  async until(within: { readonly ms: number }, ...settling: readonly Settling[]): Promise<void> {
    const endMs = this.clock.now() + within.ms;
    for (let turn = 0; settling.some(({ settled }) => !settled); turn += 1) {
      if (this.clock.now() > endMs) throw new Error(`not settled within ${within.ms} ms`);
      // Much happens without any time passing: only then is the clock moved.
      await this.clock.advance(turn % 8 === 7 ? Math.max(1, Math.min(250, within.ms / 4)) : 0);
    }
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 40; turn += 1) await this.clock.advance(0);
  }

  #logger(): Logger {
    const write =
      (level: LogLine["level"]) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
        this.log.push({ level, message, fields });
      };
    return { ...silentLogger, debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  }
}

/** A promise that shows whether it is settled. */
export class Settling {
  settled = false;
  readonly result: Promise<{ delivered: number; buried: number }>;
  error: unknown;

  constructor(promise: Promise<{ delivered: number; buried: number }>) {
    this.result = promise;
    promise.then(
      () => {
        this.settled = true;
      },
      (error: unknown) => {
        this.settled = true;
        this.error = error;
      },
    );
  }
}
