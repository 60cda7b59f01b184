import { loadConfig, type ParsedConfig } from "@statewave-connectors/config";
import type { Logger } from "@statewave-connectors/connector-sdk";
import type { Telemetry } from "@statewave-connectors/connector-sdk/host";
import { type BannerFacts, formatBanner } from "./banner.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { CommandContext } from "../command-context.ts";
import { openTelemetry } from "../../process/open-telemetry.ts";
import { hintFormat } from "../../terminal/repeat-config.ts";
import { reportStrayRejections } from "../../process/report-stray-rejections.ts";
import { IdleSignals } from "../../process/idle-signals.ts";
import { type StopCause, StopRequests } from "../../process/stop-requests.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { endSoon } from "../../process/until-stopped.ts";

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGTERM: 15 };

const closingSlackMs = 500;

/** Runs until SIGINT or SIGTERM, or until the npm that started it has ended; a second signal ends the process at once. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { resolveFrom, presentation } = context;
  const idleSignals = new IdleSignals(context.terminal);
  // Both at once: the runner's modules load while the configuration's connectors do.
  const readConfig = () => loadConfig({ ...context.configOptions, env: context.readEnv(), resolveFrom, requireEntries: true });
  const [loaded] = await Promise.all([readConfig(), import("@statewave-connectors/runner/run")]);
  const banner = (facts: Pick<BannerFacts, "description">) =>
    (presentation?.banner ?? formatBanner)({ configPath: loaded.path, foundBy: loaded.foundBy, ...facts });
  return serve(context, { ...loaded, banner, readConfig }, idleSignals);
}

/** What is run, and how it shows itself once it listens. */
export interface Served extends ParsedConfig {
  readonly banner: (facts: Pick<BannerFacts, "description">) => string;
  /** Absent: there is no file that could be read again. */
  readonly readConfig?: () => Promise<ParsedConfig>;
}

/** Runs a configuration as `run` does. */
export async function serve(
  context: CommandContext,
  served: Served,
  idleSignals = new IdleSignals(context.terminal),
): Promise<ExitCode> {
  const { terminal, resolveFrom, presentation } = context;
  const { logFormat: format, logLevel } = served.config.runner;
  const { createLogger, guardLogger } = await import("@statewave-connectors/runner/run");
  const level = context.logLevel ?? logLevel;
  const printed = presentation?.logger ?? createLogger({ format, level, formatHint: hintFormat(context) });
  const telemetry = await openTelemetry(process.env, { from: resolveFrom, logger: printed });
  const logger = telemetry === undefined ? printed : guardLogger(telemetry.logger(printed));
  try {
    return await serveUntilStopped(context, { ...served, telemetry, logger }, idleSignals);
  } finally {
    await telemetry?.close();
    // A collector that does not answer must not hold the process either.
    if (telemetry !== undefined) endSoon(terminal);
  }
}

interface ServedWith extends Served {
  readonly logger: Logger;
  readonly telemetry: Telemetry | undefined;
}

async function serveUntilStopped(
  { terminal, resolveFrom }: CommandContext,
  { config, connectors, banner: format, readConfig, logger, telemetry }: ServedWith,
  idleSignals: IdleSignals,
): Promise<ExitCode> {
  const { actorOfProcess, createRunner } = await import("@statewave-connectors/runner/run");
  reportStrayRejections(process, logger, () => performance.now());
  const runner = await createRunner({
    config,
    connectors,
    logger,
    resolveFrom,
    telemetry,
    ...(readConfig !== undefined && { readConfig }),
  });

  const stopped = Promise.withResolvers<void>();
  let giveUp: NodeJS.Timeout | undefined;
  const stops = new StopRequests({
    nowMs: () => performance.now(),
    onFirst(cause) {
      logStop(logger, cause, config.runner.drainTimeoutMs);
      // Also a start that is still under way is waited for and undone.
      runner.stop().then(stopped.resolve, stopped.reject);
      // Whatever hangs then, a disk that does not answer for instance, must not hold the process.
      giveUp = setTimeout(() => terminal.exit(exitCode.failed), config.runner.drainTimeoutMs + closingSlackMs).unref();
    },
    onImpatient: (signal) => terminal.exit(128 + (signalNumbers[signal] ?? 0)),
  });
  const starting = Promise.withResolvers<void>();
  const reload = readConfig && (() => starting.promise.then(() => runner.reload(actorOfProcess("SIGHUP"))));
  listen(terminal, idleSignals, { stops, logger, reload });
  await runner.start().then(starting.resolve, (error: unknown) => {
    // A start that a signal ended is a stop.
    if (!stops.isStopping) throw error;
    logger.info("the start was given up", { error });
  });
  if (!stops.isStopping) {
    const banner = format({ description: runner.describe() });
    // With the stdout: sink, stdout belongs to the episodes.
    (config.statewave.url === "stdout:" ? terminal.stderr : terminal.stdout).write(banner);
  }
  await stopped.promise;
  clearTimeout(giveUp);
  endSoon(terminal);
  return exitCode.ok;
}

/** The listeners stay: a copy of a request may arrive after the runner has stopped, and must not end the process in another way. */
function listen(terminal: Terminal, idleSignals: IdleSignals, { stops, logger, reload }: Listened): void {
  terminal.onSignal((signal) => stops.request({ signal }));
  terminal.onLauncherGone?.(() => stops.request({ launcherGone: true }));
  idleSignals.handle((signal, isTerminalGone) => {
    if (isTerminalGone) stops.request({ signal });
    else if (signal !== "SIGHUP" || reload === undefined) logger.info("signal ignored", { signal });
    else {
      logger.info("reloading the configuration", { signal });
      // What is wrong is logged by then; a start that fails ends the process anyway.
      reload().catch(() => undefined);
    }
  });
}

interface Listened {
  readonly stops: StopRequests;
  readonly logger: Logger;
  readonly reload: (() => Promise<unknown>) | undefined;
}

function logStop(logger: Logger, cause: StopCause, drainTimeoutMs: number): void {
  if ("signal" in cause) {
    logger.info("stopping", { signal: cause.signal, drain_timeout_ms: drainTimeoutMs });
    return;
  }
  logger.warn("stopping: the package manager that started the runner is gone", {
    drain_timeout_ms: drainTimeoutMs,
    hint: "start it with `exec`, so that signals reach the runner itself",
  });
}
