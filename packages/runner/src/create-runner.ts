import { hostname } from "node:os";
import { type ConnectorsConfig, toConnectorMap } from "@statewave-connectors/config";
import { type Clock, ConnectorsError, sleep, type SourceKey } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { checkRunnerOptions } from "./check-runner-options.ts";
import { ControlServer } from "./control/control-server.ts";
import { engineOperations } from "./control/engine-operations.ts";
import { controlSocketPlaces } from "./control/socket-path.ts";
import { createServers } from "./composition/create-servers.ts";
import { describeEngine, type RunnerDescription } from "./describe.ts";
import { Engine, type EngineOptions } from "./composition/engine.ts";
import { checkFetchRequest } from "./http/check-fetch-request.ts";
import { notRunningResponse } from "./http/not-running.ts";
import type { AdminServer } from "./http/admin-server.ts";
import type { HttpServer } from "./http/server.ts";
import { guardLogger } from "./logging/injected-logger.ts";
import { createLogger } from "./logging/logger.ts";
import { createMetrics, type Metrics } from "./metrics/create-metrics.ts";
import { engineObservers, inboxObserver, watchEngine } from "./metrics/observe-engine.ts";
import { orAborted } from "./deadline/or-aborted.ts";
import { stoppingError } from "./pull/pull-errors.ts";
import { openPrivacy } from "./privacy/privacy.ts";
import { GapRepair } from "./push/gap-repair.ts";
import { ownerOf } from "./failed-items/item-owner.ts";
import { InboxWorker } from "./push/inbox-worker.ts";
import { mainThreadUtilization } from "./push/main-thread-utilization.ts";
import { ProvenReceivers } from "./push/proven-receivers.ts";
import { failureReporter, type ReportFailure, reportingPulls } from "./report-failure.ts";
import type { Runner, RunnerOptions } from "./runner.ts";
import { RunnerHealth } from "./health/runner-health.ts";
import { leaveSinkThatIsDown } from "./lifecycle/sink-at-stop.ts";
import { StoresAtStop } from "./lifecycle/stores-at-stop.ts";
import { StartPatience } from "./lifecycle/start-patience.ts";
import { StartChecks } from "./health/sources/start-checks.ts";
import { version } from "./version.ts";
import { waitingWork } from "./lifecycle/waiting-work.ts";

/** The parts of a runner between start and stop. */
interface Running {
  readonly engine: Engine;
  readonly worker: InboxWorker;
  readonly http: HttpServer;
  readonly admin: AdminServer | undefined;
  readonly repair: GapRepair;
  readonly checks: StartChecks;
  readonly control: ControlServer | undefined;
  readonly unwatch: () => void;
}

/**
 * A runner of `config`. Nothing is opened before `start`. Throws `RUNNER_OPTIONS_INVALID` for options of the wrong shape.
 *
 * @example const runner = await createRunner(await loadConfig({ configPath: "./statewave-connectors.toml" }));
 */
export async function createRunner(options: RunnerOptions): Promise<Runner> {
  checkRunnerOptions(options);
  const { config, connectors, ...others } = options;
  const { logFormat: format, logLevel: level } = config.runner;
  const privacy = await openPrivacy(config);
  const logger = privacy.redactingLogger(
    options.logger === undefined ? createLogger({ format, level }) : guardLogger(options.logger),
  );
  return new ConfiguredRunner({
    ...others,
    config,
    logger,
    privacy,
    ...(connectors !== undefined && { connectors: toConnectorMap(connectors) }),
  });
}

type CheckedOptions = Omit<RunnerOptions, "connectors" | "logger"> & Pick<EngineOptions, "connectors" | "logger" | "privacy">;

class ConfiguredRunner implements Runner {
  readonly #options: CheckedOptions;
  readonly #config: ConnectorsConfig;
  readonly #clock: Clock;
  readonly #report: ReportFailure;
  #http: HttpServer | undefined;
  #starting: Promise<Running> | undefined;
  #stopping: Promise<void> | undefined;
  #description: (() => RunnerDescription) | undefined;
  #ready = false;
  #patience: StartPatience | undefined;
  /** Aborts when a stop no longer waits for the start under way. */
  #givenUp = new AbortController();

  constructor(options: CheckedOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#clock = options.clock ?? systemClock;
    this.#report = failureReporter(options.onError, options.logger);
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    checkFetchRequest(request);
    const http = this.#http;
    return http === undefined || http.isClosed ? notRunningResponse(request, this.#basePath ?? "") : http.fetch(request);
  };

  async start(): Promise<void> {
    await this.#stopping;
    if (this.#starting === undefined) {
      this.#givenUp = new AbortController();
      this.#starting = this.#start(this.#givenUp.signal);
    }
    try {
      await orAborted(this.#starting, this.#givenUp.signal);
    } catch (error) {
      this.#starting = undefined;
      throw error;
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => {
      this.#starting = undefined;
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  describe(): RunnerDescription {
    if (this.#description !== undefined) return this.#description();
    throw new ConnectorsError({
      code: "RUNNER_NOT_STARTED",
      message: "the runner has not been started, so it holds nothing yet",
      hint: "call start() first",
    });
  }

  async #start(givenUp: AbortSignal): Promise<Running> {
    const config = this.#config;
    this.#patience = new StartPatience({ clock: this.#clock, logger: this.#options.logger });
    const opening = createMetrics({
      version,
      hostname: hostname(),
      disableDefaultMetrics: this.#options.disableDefaultMetrics ?? false,
      pulls: config.pull,
      pushes: config.push,
      perSourceHistograms: config.runner.metrics.perSourceHistograms,
    });
    const engine = await Engine.open(
      this.#options,
      opening.then((opened) => reportingPulls(engineObservers(opened), this.#report)),
      this.#patience,
    );
    const metrics = await opening;
    const undo: (() => Promise<unknown>)[] = [() => engine.close(AbortSignal.abort())];
    try {
      givenUp.throwIfAborted();
      const worker = this.#inboxWorker(engine, metrics);
      const repair = this.#gapRepair(engine);
      const health = new RunnerHealth(engine, () => this.#ready);
      const { listen: listens = true } = this.#options;
      const basePath = this.#basePath;
      const proven = provenReceivers(engine);
      const parts = { engine, metrics, health, worker, repair, proven, report: this.#report };
      const { http, admin } = createServers(parts, { listens, basePath });
      undo.unshift(async () => repair.stop());
      undo.unshift(() => http.close(AbortSignal.abort()));
      if (admin !== undefined) undo.unshift(() => admin.close(AbortSignal.abort()));
      this.#warnOfLoss();
      const url = listens ? (await http.listen()).url : undefined;
      const adminUrl = (await admin?.listen())?.url;
      await engine.scheduler.start();
      repair.afterDowntime(await engine.statesAtStart());
      worker.start();
      const control = await this.#listenForTools(engine, health);
      if (control !== undefined) undo.unshift(() => control.close());
      givenUp.throwIfAborted();
      this.#ready = true;
      this.#http = http;
      const unwatch = watchEngine(metrics, engine, () => health.isReady());
      const checks = this.#startChecks(engine);
      const running = { engine, worker, http, admin, repair, checks, control, unwatch };
      this.#description = () => describeEngine(engine, this.#ready ? { url, adminUrl } : {});
      this.#options.logger.info(url === undefined ? "started without a port" : "listening", {
        ...(url !== undefined && { url }),
        ...(adminUrl !== undefined && { admin_url: adminUrl }),
        pulls: config.pull.length,
        pushes: config.push.length,
        sink: engine.sink.description,
      });
      return running;
    } catch (error) {
      for (const close of undo) await close();
      throw error;
    }
  }

  get #basePath(): string | undefined {
    return this.#options.basePath ?? this.#config.runner.basePath;
  }

  /** Whether accepted webhooks end with this process. An inbox that was passed in outlives the runner. */
  get #losesInbox(): boolean {
    return this.#options.inbox === undefined && this.#config.runner.inbox.livesIn === "process";
  }

  #warnOfLoss(): void {
    const losesCursors = this.#options.cursorStore === undefined && this.#config.runner.state.livesIn === "process";
    if (!losesCursors && !this.#losesInbox) return;
    this.#options.logger.warn("the state is held in memory: a crash loses what it holds, a restart begins anew", {
      cursors_in_memory: losesCursors,
      webhooks_in_memory: this.#losesInbox,
      hint: 'set [runner.state] kind = "file" to keep it',
    });
  }

  #inboxWorker(engine: Engine, metrics: Metrics): InboxWorker {
    return new InboxWorker({
      inbox: engine.inbox,
      pushes: engine.entries.pushes,
      delivery: engine.delivery,
      runNow: (source) => engine.scheduler.runNow(source),
      buryItem: engine.buryItem,
      ownerOf: (item) => ownerOf(engine.entries, item),
      connectorVersion: ({ kind }) => engine.connectorVersion(kind),
      clock: engine.clock,
      random: engine.random,
      logger: engine.logger,
      readUtilization: mainThreadUtilization(),
      observer: inboxObserver(metrics),
      onFailure: (error, source) => this.#report("event", error, source),
    });
  }

  #gapRepair({ entries, healths, scheduler, clock, random, logger }: Engine): GapRepair {
    const repair = new GapRepair({ pushes: entries.pushes, runNow: (source) => scheduler.runNow(source), clock, random, logger });
    healths.onRecovery(({ direction, source }) => {
      if (direction === "push") repair.recovered(source);
    });
    return repair;
  }

  #startChecks({ entries, healths, scheduler, clock, random, logger }: Engine): StartChecks {
    const nextDueMs = (source: SourceKey) => scheduler.nextDueMs(source);
    const checks = new StartChecks({ entries, healths, nextDueMs, clock, random, logger });
    checks.begin();
    return checks;
  }

  /** No tool could open a state in this process itself, so none looks for a socket. */
  async #listenForTools(engine: Engine, health: RunnerHealth): Promise<ControlServer | undefined> {
    if (this.#config.runner.state.livesIn === "process") return undefined;
    return ControlServer.listen(controlSocketPlaces(this.#config)[0], engineOperations(engine, health), this.#options.logger);
  }

  /** What no restart would bring back is delivered first: nothing new comes in, and the worker goes on until nothing is left. */
  async #emptyInbox(engine: Engine, signal: AbortSignal): Promise<void> {
    for (;;) {
      const { depth } = await engine.inbox.stats();
      if (depth === 0) return;
      if (signal.aborted) {
        this.#options.logger.error("accepted webhooks are lost with the memory inbox", { events: depth });
        return;
      }
      await sleep(this.#clock, emptyCheckMs, signal).catch(() => undefined);
    }
  }

  async #stop(): Promise<void> {
    this.#patience?.stop();
    const running = await this.#started();
    if (running === undefined) return;
    this.#ready = false;
    const { engine } = running;
    const { logger } = this.#options;
    const { drainTimeoutMs } = this.#config.runner;
    const drained = new AbortController();
    const ended = new AbortController();
    const cancels = [
      // What is still running then is aborted, which leaves the rest of the time for closing.
      this.#clock.after(drainTimeoutMs * drainShare, () => drained.abort(drainTimedOut(drainTimeoutMs))),
      this.#clock.after(drainTimeoutMs, () => ended.abort(drainTimedOut(drainTimeoutMs))),
    ];
    const unwatchSink = leaveSinkThatIsDown(engine, {
      drainMs: drainTimeoutMs * drainShare,
      losesInbox: this.#losesInbox,
      leave: () => drained.abort(stoppingError()),
    });
    const stores = new StoresAtStop({ stores: engine.stores.watched, clock: this.#clock, logger });
    try {
      const closed = this.#close(running, drained.signal, ended, stores);
      await orAborted(closed, ended.signal).catch((error: unknown) => {
        if (!ended.signal.aborted) throw error;
        // A store that does not answer holds nobody up: what was claimed from it comes back when the claims lapse.
        logger.warn("stopped before everything was closed", {
          drain_timeout_ms: drainTimeoutMs,
          hint: "check that the server of the state answers",
        });
      });
    } finally {
      unwatchSink();
      stores.close();
      for (const cancel of cancels) cancel();
      running.unwatch();
    }
  }

  /**
   * What was started. Undefined when nothing was, and when the start waits too long for a server that does not answer: then it fails, and
   * what it has opened is closed behind the stop.
   */
  async #started(): Promise<Running | undefined> {
    const starting = this.#starting?.catch(() => undefined);
    if (starting === undefined || this.#ready) return starting;
    const waited = new AbortController();
    const cancel = this.#clock.after(startGraceMs, () => waited.abort());
    try {
      return await orAborted(starting, waited.signal);
    } catch {
      this.#givenUp.abort(stoppingError());
      return undefined;
    } finally {
      cancel();
    }
  }

  /** Ends what runs, and closes what is open, in its order. */
  async #close(running: Running, drained: AbortSignal, ending: AbortController, stores: StoresAtStop): Promise<void> {
    const ended = ending.signal;
    const { engine, worker, http, admin, repair, checks, control } = running;
    repair.stop();
    checks.stop();
    http.beginDrain();
    const closeHttp = () => http.close(AbortSignal.any([ended, AbortSignal.timeout(longestRequestMs)]));
    const stopWorker = async () => {
      if (this.#losesInbox) await closeHttp().then(() => this.#emptyInbox(engine, drained));
      await worker.stop(stores.drained("inbox", drained));
    };
    const stopPulls = engine.scheduler.stop(stores.drained("cursor_store", drained));
    await Promise.allSettled([
      control?.close(),
      stores.settled("cursor_store", stopPulls),
      stores.settled("inbox", stopWorker()),
    ]);
    stores.limitClosing(() => ending.abort(stoppingError()));
    await Promise.all([closeHttp(), admin?.close(AbortSignal.any([ended, AbortSignal.timeout(longestRequestMs)]))]);
    const waiting = await waitingWork(engine);
    await engine.close(ended);
    this.#options.logger.info("stopped", { drained: !drained.aborted, ...waiting });
  }
}

/** What the store remembers of them is learned beside the start. */
function provenReceivers({ store, entries, clock, logger }: Engine): ProvenReceivers {
  const proven = new ProvenReceivers({ records: store.records, clock, logger });
  void proven.learn(entries.pushes.map(({ key }) => key));
  return proven;
}

/** The part of `drain_timeout` in which running work may end by itself. */
const drainShare = 0.85;
/** A request that is still being sent after this is cut off: its provider sends it again. */
const longestRequestMs = 3_000;
/** A start that can end ends in this time, and is undone in order. */
const startGraceMs = 1_000;
const emptyCheckMs = 20;

function drainTimedOut(drainTimeoutMs: number): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_DRAIN_TIMEOUT",
    message: `stopping took longer than drain_timeout (${drainTimeoutMs / 1000} s)`,
    hint: "raise [runner] drain_timeout if running work needs longer; what was running is kept at its last checkpoint",
    retryable: true,
  });
}
