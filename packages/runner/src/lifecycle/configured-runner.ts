import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { actorOfProcess } from "../actions/actor.ts";
import { basePathOf, clockOf, lostWithProcess, type RunnerConfiguration } from "../composition/runner-configuration.ts";
import { orAborted } from "../deadline/or-aborted.ts";
import { within } from "../deadline/within.ts";
import { describeEngine, type RunnerDescription } from "../describe.ts";
import { checkFetchRequest } from "../http/check-fetch-request.ts";
import { notRunningResponse } from "../http/not-running.ts";
import { stoppingError } from "../pull/pull-errors.ts";
import { failureReporter, type ReportFailure } from "../events/report-failure.ts";
import { eventEmitter } from "../events/emit-events.ts";
import type { EmitEvent } from "../events/runner-event.ts";
import type { ReloadReport } from "../reload/reload-report.ts";
import type { Runner } from "../runner.ts";
import { StartPatience } from "./start-patience.ts";
import { type Running, startRunner } from "./start-runner.ts";
import { stopRunner } from "./stop-runner.ts";

/** A start that can end ends in this time, and is undone in order. */
const startGraceMs = 1_000;

/** A start under way, or done. */
interface Start {
  readonly running: Promise<Running>;
  readonly patience: StartPatience;
  /** Aborts when a stop no longer waits for it. */
  readonly givenUp: AbortController;
}

/**
 * Starts and stops what a configuration says. It is stopped, starting, running or stopping: a start waits for the stop under way, a stop for
 * the start, unless that waits too long for a server that does not answer.
 */
export class ConfiguredRunner implements Runner {
  readonly #configuration: RunnerConfiguration;
  readonly #report: ReportFailure;
  readonly #emit: EmitEvent;
  /** Undefined: stopped. */
  #start: Start | undefined;
  #stopping: Promise<void> | undefined;
  /** Between start and stop, where `/readyz` may answer 200. */
  #isRunning = false;
  /** What was started last: it still describes itself, and refuses requests, after its stop. */
  #latest: Running | undefined;

  constructor(configuration: RunnerConfiguration) {
    this.#configuration = configuration;
    this.#report = failureReporter(configuration.onError, configuration.logger);
    this.#emit = eventEmitter(configuration.onEvent, configuration.logger);
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    checkFetchRequest(request);
    const http = this.#latest?.http;
    if (http !== undefined && !http.isClosed) return http.fetch(request);
    return notRunningResponse(request, basePathOf(this.#configuration) ?? "");
  };

  async start(): Promise<void> {
    await this.#stopping;
    this.#start ??= this.#begin();
    const start = this.#start;
    try {
      await orAborted(start.running, start.givenUp.signal);
    } catch (error) {
      if (this.#start === start) this.#start = undefined;
      throw error;
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => {
      this.#start = undefined;
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  async reload(by = actorOfProcess()): Promise<ReloadReport> {
    const start = this.#start;
    if (this.#stopping !== undefined) throw stoppingError();
    if (start === undefined) throw notStarted();
    return (await start.running).reload(by);
  }

  describe(): RunnerDescription {
    const latest = this.#latest;
    if (latest !== undefined) return describeEngine(latest.engine, this.#isRunning ? latest : {});
    throw notStarted();
  }

  #begin(): Start {
    const { logger } = this.#configuration;
    const patience = new StartPatience({ clock: clockOf(this.#configuration), logger });
    const givenUp = new AbortController();
    // What a reload has put into effect also holds after a stop.
    const { config, connectors } = this.#latest?.engine ?? this.#configuration;
    const configuration = { ...this.#configuration, config, ...(connectors !== undefined && { connectors }) };
    const running = startRunner(configuration, {
      report: this.#report,
      emit: this.#emit,
      patience,
      givenUp: givenUp.signal,
      isRunning: () => this.#isRunning,
      onStarted: (started) => {
        this.#latest = started;
        this.#isRunning = true;
      },
    });
    return { running, patience, givenUp };
  }

  async #stop(): Promise<void> {
    this.#start?.patience.stop();
    const running = await this.#started();
    if (running === undefined) return;
    this.#isRunning = false;
    const { logger, config } = this.#configuration;
    await stopRunner(running, {
      clock: clockOf(this.#configuration),
      logger,
      drainTimeoutMs: config.runner.drainTimeoutMs,
      losesInbox: lostWithProcess(this.#configuration).webhooks,
    });
  }

  /** Undefined when nothing was started, and when the start is given up: then it fails, and closes what it has opened behind the stop. */
  async #started(): Promise<Running | undefined> {
    const start = this.#start;
    if (start === undefined) return undefined;
    const running = start.running.catch(() => undefined);
    if (this.#isRunning) return running;
    const limits = { clock: clockOf(this.#configuration), timeoutMs: startGraceMs };
    return within(limits, () => running).catch(() => {
      start.givenUp.abort(stoppingError());
      return undefined;
    });
  }
}

function notStarted(): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_NOT_STARTED",
    message: "the runner has not been started, so it holds nothing yet",
    hint: "call start() first",
  });
}
