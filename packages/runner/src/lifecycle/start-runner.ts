import { hostname } from "node:os";
import { Closers } from "../composition/closers.ts";
import { composeRunner, type RunnerParts } from "../composition/compose-runner.ts";
import type { Engine } from "../composition/engine.ts";
import { openEngine } from "../composition/open-engine.ts";
import { basePathOf, clockOf, lostWithProcess, type RunnerConfiguration } from "../composition/runner-configuration.ts";
import { countingEpisodes } from "../console/counting-activity.ts";
import { loadConsole } from "../console/load-console.ts";
import { ControlServer } from "../control/socket/control-server.ts";
import type { Operations } from "../control/operations/operations.ts";
import { controlSocketPlaces } from "../control/socket/socket-path.ts";
import { requireAccess } from "../control/socket/socket-trust.ts";
import { StatewaveAtStart } from "../health/statewave-at-start.ts";
import { createMetrics } from "../metrics/create-metrics.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { engineObservers, watchEngine } from "../metrics/observe-engine.ts";
import { beginNotices } from "../notices/begin-notices.ts";
import { networkOf } from "../network/network.ts";
import { type ReportFailure, reportingPulls } from "../events/report-failure.ts";
import { emitSinkChanges, emittingEvents } from "../events/emit-events.ts";
import type { EmitEvent } from "../events/runner-event.ts";
import type { Reloader, ReloaderOptions } from "../reload/reloader.ts";
import type { Retention } from "../retention/retention.ts";
import { version } from "../version.ts";
import { loadPart } from "../load-part.ts";
import type { StartPatience } from "./start-patience.ts";

/** A runner that has started. */
export interface Running extends RunnerParts {
  readonly control: ControlServer | undefined;
  /** See `Runner`. */
  readonly reload: Operations["reload"];
  /** Undefined: the embedding program takes the episodes. */
  readonly statewave: StatewaveAtStart | undefined;
  /** Undefined: nothing is compiled. */
  readonly stopCompiling: (() => Promise<void>) | undefined;
  /** Undefined: no notice is to be sent. */
  readonly stopNotices: (() => Promise<void>) | undefined;
  /** Undefined: nothing is forgotten because of its age. */
  readonly retention: Retention | undefined;
  /** Absent: it has no port. */
  readonly url: string | undefined;
  readonly adminUrl: string | undefined;
  /** Scrapes of the metrics no longer look at it. */
  readonly unwatch: () => void;
}

export interface StartContext {
  readonly report: ReportFailure;
  readonly emit: EmitEvent;
  readonly patience: StartPatience;
  /** Aborts when a stop no longer waits for the start. */
  readonly givenUp: AbortSignal;
  /** Whether the runner is between start and stop. */
  readonly isRunning: () => boolean;
  /** Called when everything has started: from then on the runner is to be stopped. */
  readonly onStarted: (running: Running) => void;
}

/** Opens and starts everything. When something fails, what was opened is closed again. */
export async function startRunner(configuration: RunnerConfiguration, context: StartContext): Promise<Running> {
  const { logger, listen: listens = true } = configuration;
  const { report, emit, patience, givenUp, isRunning, onStarted } = context;
  const { config } = configuration;
  if (configuration.cursorStore === undefined && config.runner.state.livesIn === "files")
    requireAccess(controlSocketPlaces(config)[0]);
  const page = await loadConsole(configuration);
  const opening = openMetrics(configuration);
  const observers = opening.then((opened) => {
    const counting = countingEpisodes(engineObservers(opened), page?.activity, clockOf(configuration));
    return emittingEvents(reportingPulls(counting, report), emit);
  });
  const engine = await openEngine(configuration, observers, patience);
  const metrics = await opening;
  const undo = new Closers();
  undo.add(() => engine.close(AbortSignal.abort()));
  emitSinkChanges(engine.delivery, emit);
  try {
    givenUp.throwIfAborted();
    const basePath = basePathOf(configuration);
    const parts = composeRunner(engine, { metrics, report, emit, page, isRunning, listens, basePath });
    const { http, admin, repair, health, proven, worker, checks } = parts;
    undo.add(async () => repair.stop());
    undo.add(() => http.close(AbortSignal.abort()));
    if (admin !== undefined) undo.add(() => admin.close(AbortSignal.abort()));
    // Beside the start: webhooks need not wait for what the store remembers of receivers.
    void proven.learn(engine.entries.pushes.map(({ key }) => key));
    warnOfLoss(configuration);
    await engine.pauses.learn();
    engine.pauses.begin();
    const url = listens ? (await http.listen()).url : undefined;
    const adminUrl = (await admin?.listen())?.url;
    await engine.scheduler.start();
    engine.backfills.start();
    const states = await engine.statesAtStart();
    repair.afterDowntime(states);
    const noticed = { ...configuration, states, observer: (notify: readonly string[]) => metrics.noticeObserver(notify) };
    const stopNotices = await beginNotices(engine, noticed);
    if (stopNotices !== undefined) undo.add(stopNotices);
    worker.start();
    engine.watches.start();
    engine.heartbeat.begin();
    const stopCompiling = engine.compiling?.start(engine.delivery, metrics.compileObserver());
    if (stopCompiling !== undefined) undo.add(stopCompiling);
    const retention = await startRetention(engine, metrics);
    if (retention !== undefined) undo.add(() => retention.stop());
    const reload = reloadingLater({ parts, readConfig: configuration.readConfig, isRunning });
    const control = await listenForTools(parts, reload);
    if (control !== undefined) undo.add(() => control.close());
    givenUp.throwIfAborted();
    const unwatch = watchEngine(metrics, engine, () => health.isReady());
    const statewave = statewaveAtStart(configuration, engine);
    const background = { stopCompiling, stopNotices, retention };
    const running = { ...parts, ...background, control, reload, statewave, url, adminUrl, unwatch };
    onStarted(running);
    checks.begin();
    statewave?.begin();
    logStarted(configuration, running);
    return running;
  } catch (error) {
    await undo.close(logger);
    throw error;
  }
}

function openMetrics({ config, disableDefaultMetrics = false }: RunnerConfiguration): Promise<Metrics> {
  return createMetrics({
    version,
    hostname: hostname(),
    disableDefaultMetrics,
    pulls: config.pull,
    pushes: config.push,
    perSource: config.runner.metrics.perSource,
    perSourceHistograms: config.runner.metrics.perSourceHistograms,
  });
}

async function startRetention(
  { config, inbox, store, owner, clock, logger }: Engine,
  metrics: Metrics,
): Promise<Retention | undefined> {
  const { retention: kept } = config.runner;
  if (kept === undefined) return undefined;
  const { Retention } = await import("../retention/retention.ts");
  const onForgotten = metrics.forgottenObserver(kept);
  const retention = new Retention({ config: kept, inbox, store, owner, clock, logger, onForgotten });
  retention.start();
  return retention;
}

function statewaveAtStart({ config, ingest, fetchImpl }: RunnerConfiguration, engine: Engine) {
  if (ingest !== undefined) return undefined;
  const { statewave, runner } = config;
  const { keys, clock, logger, heartbeat, delivery } = engine;
  return new StatewaveAtStart({
    statewave,
    keys,
    clock,
    logger,
    fetchImpl,
    network: networkOf(runner.http),
    onAccess: (access) => heartbeat.looked(access),
    isTried: () => delivery.state.tried,
  });
}

function warnOfLoss(configuration: RunnerConfiguration): void {
  const { cursors, webhooks } = lostWithProcess(configuration);
  if (!cursors && !webhooks) return;
  configuration.logger.warn("the state is held in memory: a crash loses what it holds, a restart begins anew", {
    cursors_in_memory: cursors,
    webhooks_in_memory: webhooks,
    hint: 'set [runner.state] kind = "file" to keep it',
  });
}

/** No tool could open a state in this process itself, so none looks for a socket. */
async function listenForTools(
  { engine, health, worker }: RunnerParts,
  reload: Operations["reload"],
): Promise<ControlServer | undefined> {
  const { config, logger } = engine;
  if (config.runner.state.livesIn === "process") return undefined;
  const loadOperations = async () => {
    const { engineOperations } = await loadPart(() => import("../control/operations/engine-operations.ts"));
    return engineOperations(engine, { health, reload, worker });
  };
  return ControlServer.listen(controlSocketPlaces(config)[0], loadOperations, logger);
}

/** Most processes never reload, so the code for it is loaded by the first reload. */
function reloadingLater(options: ReloaderOptions): Operations["reload"] {
  let loading: Promise<Reloader> | undefined;
  const load = async () => {
    const { Reloader } = await loadPart(() => import("../reload/reloader.ts"));
    return new Reloader(options);
  };
  return async (by) => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      options.parts.engine.logger.error("the configuration cannot be reloaded, and everything stays as it was", { error });
      throw error;
    });
    return (await loading).reload(by);
  };
}

function logStarted({ config, logger }: RunnerConfiguration, { url, adminUrl, engine }: Running): void {
  logger.info(url === undefined ? "started without a port" : "listening", {
    ...(url !== undefined && { url }),
    ...(adminUrl !== undefined && { admin_url: adminUrl }),
    pulls: config.pull.length,
    pushes: config.push.length,
    sink: engine.sink.description,
  });
}
