import { parseSchedule, type PullEntry } from "@statewave-connectors/config";
import type { Episode, Page } from "@statewave-connectors/connector-sdk";
import { silentLogger, type Sink } from "@statewave-connectors/connector-sdk/host";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { createDelivery } from "../../src/delivery/delivery.ts";
import type { OpenedPull } from "../../src/pull/opened-pull.ts";
import { silentPullObserver } from "../../src/pull/pull-observer.ts";
import { PullScheduler } from "../../src/pull/pull-scheduler.ts";
import type { OpenedPush } from "../../src/push/opened-push.ts";
import { InboxWorker } from "../../src/push/inbox-worker.ts";
import { type Ledger, pageKey } from "./ledger.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

export interface RunnerContext {
  readonly name: string;
  readonly process: SimulatedProcess;
  readonly store: CursorStore;
  readonly inbox: Inbox;
  /** Stores episodes by their keys; rejects when it does not answer. */
  readonly send: (keys: readonly string[]) => Promise<void>;
  readonly ledger: Ledger;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly sources: readonly string[];
  /** The epoch of the latest lease that this process learned of. */
  readonly epochOf: (source: string) => number;
}

export const hook = { kind: "sim", name: "hook" };
const pagesOfRun = 2;
const longestReadMs = 2_000;

export interface StartedRunner {
  /** Ends what outlives the process: its part in the inbox. */
  readonly stop: () => Promise<void>;
  /** After the simulation: aborts what still waits for an answer. Node.js keeps a signal that combines others until it aborts. */
  readonly abort: () => Promise<void>;
}

/** The shipped scheduler, delivery and inbox worker as one process has them. */
export function startRunner(context: RunnerContext): StartedRunner {
  const { name, process, store, inbox, ledger, random, sources } = context;
  const { clock } = process;
  const logger = silentLogger;
  const buryFailedItem = async (item: { readonly id: string }) => ledger.buried(item.id);
  const delivery = createDelivery({
    sink: toSink(context),
    bury: async (_source, episode) => ledger.buried(episode.idempotency_key),
    clock,
    random,
    logger,
    maxInFlight: 2,
    lingerMs: 5,
  });
  const scheduler = new PullScheduler({
    pulls: sources.map((source) => openPull(source, context)),
    store,
    delivery,
    buryFailedItem,
    clock,
    random,
    logger,
    observer: silentPullObserver,
    owner: name,
    maxConcurrentSyncs: 4,
    syncTimeoutMs: 5 * 60_000,
  });
  const push: OpenedPush = {
    key: hook,
    entry: { ...hook, options: {} },
    connectorVersion: "1.0.0",
    maxBodyBytes: undefined,
    receiver: {
      receive: () => ({ type: "event" }),
      async *pages({ body }) {
        yield { episodes: [numbered("sim:hook", new TextDecoder().decode(body))] };
      },
    },
  };
  const worker = new InboxWorker({
    inbox,
    pushOf: () => push,
    delivery,
    runForProgram: () => Promise.reject(new Error("the simulation has no triggers")),
    buryFailedItem,
    ownerOf: () => undefined,
    connectorVersion: () => "1.0.0",
    readUtilization: () => 0,
    clock,
    random,
    logger,
    observer: { settled: () => undefined, itemsSkipped: () => undefined, itemsFailed: () => undefined },
  });
  worker.start();
  // A store that does not answer ends the start; the supervisor tries again.
  const start = () => void scheduler.start().catch(() => void clock.after(1_000, start));
  start();
  return { stop: () => worker.stop(AbortSignal.abort()), abort: () => scheduler.stop(AbortSignal.abort()) };
}

function openPull(name: string, context: RunnerContext): OpenedPull {
  const { process, ledger, nowMs, random, epochOf } = context;
  const key = { kind: "sim", name };
  const schedule = parseSchedule("every 10s", { timezone: "UTC", key: `sim/${name}` });
  const entry: PullEntry = { ...key, schedule, dryRun: false, catchUp: "once", options: {} };
  const source = {
    async *pages(cursor: string | undefined, signal: AbortSignal): AsyncGenerator<Page, void> {
      const first = Number(cursor ?? 0) + 1;
      for (let page = first; page < first + pagesOfRun; page += 1) {
        await new Promise<void>((resolve) => process.clock.after(random() * longestReadMs, resolve));
        signal.throwIfAborted();
        ledger.read(name, epochOf(name), nowMs(), process.resumedAtMs);
        yield { episodes: [numbered(`sim:${name}`, pageKey(name, page))], cursor: String(page) };
      }
    },
  };
  return { key, entry, connectorVersion: "1.0.0", source, isTwin: false };
}

function toSink({ send }: RunnerContext): Sink {
  return {
    description: "the simulated sink",
    maxBatchItems: 100,
    maxBatchBytes: 1_000_000,
    async send(batch) {
      try {
        await send(batch.map(({ episode }) => episode.idempotency_key));
        return { type: "accepted" };
      } catch {
        return { type: "failed", reason: "no answer", suspect: false };
      }
    },
  };
}

function numbered(subject: string, key: string): Episode {
  return {
    subject,
    kind: "sim.note",
    text: key,
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "sim.note", id: key },
    idempotency_key: key,
  };
}
