import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type Sink, systemClock } from "@statewave-connectors/connector-sdk/host";
import { type CursorStore, recordsInMemory, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { StartPatience } from "../lifecycle/start-patience.ts";
import { type Network, networkOf } from "../network/network.ts";
import { openPrivacy, type Privacy } from "../privacy/privacy.ts";
import { joinProcesses, readBinding } from "../sink-binding/bind-to-sink.ts";
import { sinkFromIngest } from "../sinks/ingest-sink.ts";
import { openSink } from "../sinks/open-sink.ts";
import type { RequestObserver } from "../sinks/request-observer.ts";
import { LiveKeys } from "../sinks/statewave/live-keys.ts";
import { selectInbox, selectPullCursorStore } from "../state/select-stores.ts";
import { warningOfLoss } from "../state/source-storages.ts";
import { Closers } from "./closers.ts";
import { openConfiguredEntries } from "./configured-entries.ts";
import { Engine } from "./engine.ts";
import type { EngineObservers, EngineOptions } from "./engine-options.ts";

/**
 * Opens what was not given, all of it at once: a start waits for the slowest, not for the sum. When anything fails, what was opened is
 * closed again. With `patience` a store that cannot serve for now is waited for.
 */
export async function openEngine(
  given: EngineOptions,
  observers: EngineObservers | Promise<EngineObservers>,
  patience?: Pick<StartPatience, "retryOpening">,
): Promise<Engine> {
  const { privacy, options } = await withPrivacy(given);
  const { config, ingest, logger, clock = systemClock } = options;
  const network = networkOf(config.runner.http);
  const records = Promise.withResolvers<StoreRecords>();
  const { close, ...configured } = await openConfiguredEntries(options, { network, records: () => records.promise });
  const closers = new Closers();
  closers.add(close);
  const opening = [...openStores(options, closers, patience), Promise.resolve(observers)] as const;
  await Promise.allSettled(opening);
  try {
    // One after the other: of two failures, the first is named.
    const [store, inbox, engineObservers] = [await opening[0], await opening[1], await opening[2]];
    const owner = `${hostname()}:${process.pid}:${randomUUID()}`;
    const bound = { config, ingest, store, logger };
    const record = await joinProcesses(bound, { owner, clock });
    if (record !== undefined) closers.add(() => record.close());
    const binding = await readBinding(bound);
    const keys = new LiveKeys(config.statewave);
    const sink = await openEngineSink(options, { network, keys, onRequest: engineObservers.sinkRequest });
    if (sink.close !== undefined) closers.add(async () => sink.close?.());
    const compiling = config.statewave.compile === undefined ? undefined : (await import("../compile/compiling.ts")).Compiling;
    const parts = { ...configured, store, inbox, sink, keys, binding, privacy, owner, compiling, closers };
    const engine = new Engine(options, parts, engineObservers);
    records.resolve(recordsForEntries(engine.store, engine));
    return engine;
  } catch (error) {
    await closers.close(logger);
    throw error;
  }
}

function recordsForEntries({ records, livesIn }: CursorStore, { clock, logger }: Pick<Engine, "clock" | "logger">): StoreRecords {
  if (records !== undefined && livesIn !== "process") return records;
  return warningOfLoss(records ?? recordsInMemory(clock), logger);
}

/** The options with a logger that shows nothing private. */
async function withPrivacy(given: EngineOptions): Promise<{ readonly privacy: Privacy; readonly options: EngineOptions }> {
  const { config, logger, privacy: opened } = given;
  if (opened !== undefined) return { privacy: opened, options: given };
  const privacy = await openPrivacy(config);
  return { privacy, options: { ...given, privacy, logger: privacy.redactingLogger(logger) } };
}

function openStores(options: EngineOptions, closers: Closers, patience: Pick<StartPatience, "retryOpening"> | undefined) {
  const { config, cursorStores, inboxes, logger, clock = systemClock, resolveFrom = [] } = options;
  const where = {
    cursorStores,
    inboxes,
    runner: config.runner,
    baseDir: config.baseDir,
    resolveFrom,
    clock,
    logger,
    ...(patience === undefined ? {} : { retryOpening: patience.retryOpening }),
  };
  return [
    openStore(options.cursorStore, () => selectPullCursorStore(where), closers),
    openStore(options.inbox, () => selectInbox(where), closers),
  ] as const;
}

/** What is given is used as it is; what is opened here is closed by the engine. */
async function openStore<Store extends { close(): Promise<void> }>(
  given: Store | undefined,
  open: () => Promise<Store>,
  closers: Closers,
): Promise<Store> {
  if (given !== undefined) return given;
  const store = await open();
  closers.add(() => store.close());
  return store;
}

function openEngineSink(
  options: EngineOptions,
  { network, keys, onRequest }: { readonly network: Network; readonly keys: LiveKeys; readonly onRequest: RequestObserver },
): Promise<Sink> {
  const { config, ingest, logger, fetchImpl, telemetry, clock = systemClock } = options;
  if (ingest !== undefined) return Promise.resolve(sinkFromIngest(ingest, { clock, logger, onRequest }));
  return openSink({
    statewave: config.statewave,
    keys,
    baseDir: config.baseDir,
    clock,
    logger,
    fetchImpl,
    network,
    onRequest,
    ...(telemetry !== undefined && { traceparent: () => telemetry.current() }),
  });
}
