import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Episode,
  type Page,
  type PushReceiver,
  type ReceivedEvent,
  type SourceKey,
} from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { defaultInboxLimits } from "@statewave-connectors/connector-sdk/inbox";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { createDelivery } from "../../src/delivery/delivery.ts";
import { sinkFromIngest } from "../../src/sinks/ingest-sink.ts";
import { InMemoryInbox } from "@statewave-connectors/inbox-memory";
import { buryFailedItemIn } from "../../src/pages/bury-failures.ts";
import type { RunOutcome } from "../../src/pull/run-pull.ts";
import { InboxWorker } from "../../src/push/inbox-worker.ts";
import { alteringHandler, releasing } from "../altered-inbox.ts";
import { keepingLogger } from "../health/logging.ts";
import { numberedEpisode } from "../pull/pull-fixture.ts";

export const source = { kind: "demo", name: "hook" };
export const ran: RunOutcome = {
  type: "done",
  report: { episodes: 1, delivered: 1, buried: 0, skipped: 0, fetched: 0, failed: 0, exhausted: true },
};

export interface WorldOptions {
  readonly pages?: (event: ReceivedEvent, signal: AbortSignal) => AsyncIterable<Page>;
  readonly ingest?: (episodes: readonly Episode[]) => Promise<void>;
  /** Whether the sink answers a request without episodes. Default: it has no such request. */
  readonly isReachable?: () => boolean;
  /** Whether the inbox is one that processes share. */
  readonly shared?: boolean;
  readonly runForProgram?: (twin: SourceKey, part: string | undefined) => Promise<RunOutcome>;
  readonly subject?: string;
  /** What maps items of the receiver again. */
  readonly mapper?: Pick<PushReceiver, "map" | "fetchItem">;
  /** Of the receiver, or null for one without a twin. Default: one that `runForProgram` runs. */
  readonly twin?: string | null;
  /** Of the main thread. Default: it has time. */
  readonly utilization?: number;
}

/** The body of an event is the number of its episode. */
export async function* onePage(event: ReceivedEvent): AsyncGenerator<Page, void> {
  yield { episodes: [numberedEpisode(Number(Buffer.from(event.body).toString()))] };
}

export function pushWorld(options: WorldOptions = {}) {
  const clock = new FakeClock();
  const memory = new InMemoryInbox({ limits: defaultInboxLimits, clock });
  const held = new Set<string>();
  const inbox = alteringHandler(options.shared === true ? releasing(memory) : memory, (handler) => (claimed) => {
    held.add(claimed.key);
    const letGo = () => held.delete(claimed.key);
    claimed.signal.addEventListener("abort", letGo);
    return handler(claimed).finally(letGo);
  });
  const received: Episode[] = [];
  const outcomes: string[] = [];
  const runs: number[] = [];
  const sink = sinkFromIngest(
    async (episodes) => {
      await options.ingest?.(episodes);
      received.push(...episodes);
    },
    { clock, logger: silentLogger },
  );
  const { isReachable } = options;
  const delivery = createDelivery({
    sink: isReachable === undefined ? sink : { ...sink, isReachable: async () => isReachable() },
    bury: (where, episode, reason) => inbox.buryEpisode(where, episode, reason),
    clock,
    random: () => 1,
    logger: silentLogger,
    maxInFlight: 2,
    lingerMs: 0,
  });
  const receiver: PushReceiver = { receive: () => ({ type: "event" }), pages: options.pages ?? onePage };
  const twin = options.twin === undefined ? "twin" : options.twin;
  const entry = {
    ...source,
    options: {},
    ...(twin === null ? {} : { pull: twin }),
    ...(options.subject === undefined ? {} : { subject: options.subject }),
  };
  const { logger, lines } = keepingLogger();
  const failures: unknown[] = [];
  const worker = new InboxWorker({
    inbox,
    pushOf: ({ kind, name }) =>
      kind === source.kind && name === source.name
        ? { key: source, entry, connectorVersion: "1.0.0", receiver, maxBodyBytes: undefined }
        : undefined,
    delivery,
    runForProgram: async (twinKey, part) => {
      runs.push(clock.now());
      return (options.runForProgram ?? (async () => ran))(twinKey, part);
    },
    buryFailedItem: buryFailedItemIn(inbox, clock),
    ownerOf: ({ direction }) =>
      options.mapper === undefined || direction === "pull"
        ? undefined
        : { mapper: options.mapper, subject: options.subject, connectorVersion: "1.0.0" },
    connectorVersion: () => "1.0.0",
    readUtilization: () => options.utilization ?? 0,
    clock,
    random: () => 1,
    logger,
    onFailure: (error) => void failures.push(error),
    observer: { settled: (_, outcome) => outcomes.push(outcome), itemsSkipped: () => undefined, itemsFailed: () => undefined },
  });
  const accept = (number: number, from = source) =>
    inbox.accept({ type: "event", source: from, headers: {}, body: Buffer.from(String(number)), receivedAtMs: clock.now() });
  const pass = async (durationMs: number) => {
    for (let step = 0; step < 50; step += 1) {
      await clock.advance(durationMs / 50);
      for (let turn = 0; turn < 4; turn += 1) await nextTurn();
    }
  };
  worker.start();
  return { clock, inbox, delivery, worker, received, outcomes, runs, lines, failures, accept, pass, claimed: () => held.size };
}

export const texts = (episodes: readonly Episode[]) => episodes.map(({ text }) => text);
