import type { LoadedConsole } from "../console/load-console.ts";
import type { AdminServer } from "../http/admin-server.ts";
import type { HttpServer } from "../http/server.ts";
import { ownerOf } from "../failed-items/item-owner.ts";
import { RunnerHealth } from "../health/runner-health.ts";
import { StartChecks } from "../health/sources/start-checks.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Mount } from "../http/webhook-route.ts";
import type { OpenedPush } from "../push/opened-push.ts";
import { GapRepair } from "../push/gap-repair.ts";
import { InboxWorker } from "../push/inbox-worker.ts";
import { mainThreadUtilization } from "../push/main-thread-utilization.ts";
import { ProvenReceivers } from "../push/proven-receivers.ts";
import type { EmitEvent } from "../events/runner-event.ts";
import type { ReportFailure } from "../events/report-failure.ts";
import { createServers, mountsOf, type ServerChoice } from "./create-servers.ts";
import type { Engine } from "./engine.ts";

/** What a runner is made of. */
export interface RunnerParts {
  readonly engine: Engine;
  readonly metrics: Metrics;
  readonly health: RunnerHealth;
  readonly worker: InboxWorker;
  readonly mountOf: (push: OpenedPush) => Mount;
  /** Reads with a twin what a receiver may have missed. */
  readonly repair: GapRepair;
  readonly checks: StartChecks;
  readonly proven: ProvenReceivers;
  readonly http: HttpServer;
  /** Undefined: none is configured. */
  readonly admin: AdminServer | undefined;
}

export interface RunnerContext extends ServerChoice {
  readonly metrics: Metrics;
  readonly report: ReportFailure;
  readonly emit: EmitEvent;
  /** Undefined: there is no page for operators. */
  readonly page: LoadedConsole | undefined;
  /** Whether the runner is between start and stop. */
  readonly isRunning: () => boolean;
}

/** Makes the parts of a runner on an engine. Starts nothing. */
export function composeRunner(engine: Engine, context: RunnerContext): RunnerParts {
  const { metrics, report, emit, page, isRunning } = context;
  const { store, clock, logger } = engine;
  const worker = inboxWorker(engine, context);
  const repair = gapRepair(engine);
  const health = new RunnerHealth(engine, isRunning);
  const proven = new ProvenReceivers({ records: store.records, clock, logger });
  const mountOf = mountsOf(engine, worker);
  const servers = createServers({ engine, metrics, health, mountOf, repair, proven, report, emit, page }, context);
  return { engine, metrics, health, worker, mountOf, repair, checks: startChecks(engine), proven, ...servers };
}

function inboxWorker(engine: Engine, { metrics, report }: RunnerContext): InboxWorker {
  const { inbox, entries, delivery, buryFailedItem, scheduler, clock, random, logger } = engine;
  return new InboxWorker({
    inbox,
    pushOf: (source) => entries.pushOf(source),
    delivery,
    runForProgram: (source, part) => scheduler.runForProgram(source, () => (part === undefined ? [] : [part])),
    buryFailedItem,
    ownerOf: (item) => ownerOf(entries, item),
    connectorVersion: ({ kind }) => engine.connectorVersion(kind),
    clock,
    random,
    logger,
    readUtilization: mainThreadUtilization(),
    telemetry: engine.telemetry,
    observer: metrics.inbox,
    onFailure: (error, source) => report("event", error, source),
  });
}

function gapRepair({ entries, healths, scheduler, clock, random, logger }: Engine): GapRepair {
  const repair = new GapRepair({
    entries,
    runForProgram: (source) => scheduler.runForProgram(source),
    clock,
    random,
    logger,
  });
  healths.onRecovery(({ direction, source }) => {
    if (direction === "push") repair.recovered(source);
  });
  return repair;
}

function startChecks({ entries, healths, scheduler, clock, random, logger }: Engine): StartChecks {
  return new StartChecks({ entries, healths, nextDueMs: (source) => scheduler.nextDueMs(source), clock, random, logger });
}
