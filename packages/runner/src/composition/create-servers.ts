import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { countingWebhooks } from "../console/counting-activity.ts";
import type { LoadedConsole } from "../console/load-console.ts";
import type { Engine } from "./engine.ts";
import { type AdminServer, createAdminServer } from "../http/admin-server.ts";
import type { MetricsEndpoint } from "../http/operator-routes.ts";
import { createHttpServer, type HttpServer } from "../http/server.ts";
import { adminGate } from "../http/token-gate.ts";
import type { Mount, WebhookObserver } from "../http/webhook-route.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { GapRepair } from "../push/gap-repair.ts";
import type { InboxWorker } from "../push/inbox-worker.ts";
import { noticingWebhooks, type WebhookListeners } from "../push/notice-webhooks.ts";
import { mountPath, type OpenedPush } from "../push/opened-push.ts";
import type { ProvenReceivers } from "../push/proven-receivers.ts";
import { RefusalWatch } from "../push/refusal-watch.ts";
import { carryingTrace } from "../telemetry/traced-event.ts";
import type { ReportFailure } from "../events/report-failure.ts";
import type { EmitEvent } from "../events/runner-event.ts";
import type { RunnerHealth } from "../health/runner-health.ts";

/** What the servers of a runner serve. */
export interface ServerParts {
  readonly engine: Engine;
  readonly metrics: Metrics;
  readonly health: RunnerHealth;
  readonly mountOf: (push: OpenedPush) => Mount;
  readonly repair: GapRepair;
  readonly proven: ProvenReceivers;
  readonly report: ReportFailure;
  readonly emit: EmitEvent;
  /** Undefined: there is no page for operators. */
  readonly page: LoadedConsole | undefined;
}

/** How the embedder wants them. */
export interface ServerChoice {
  /** False: the embedder passes requests on, and no port is opened. */
  readonly listens: boolean;
  readonly basePath: string | undefined;
}

/** The webhook port and, where it is configured, the address for operators. Opens nothing. */
export function createServers(
  parts: ServerParts,
  { listens, basePath }: ServerChoice,
): { readonly http: HttpServer; readonly admin: AdminServer | undefined } {
  const { engine, metrics, health, page } = parts;
  const { runner } = engine.config;
  const endpoint: MetricsEndpoint = {
    path: runner.metrics.path,
    get auth() {
      return engine.config.runner.metrics.auth;
    },
    slices: () => metrics.slices(),
    contentType: metrics.contentType,
  };
  // Without ports of its own, a runner has none for operators either; what belongs there is not for the public all the same.
  const admin = listens ? runner.admin : undefined;
  const servesMetrics = runner.metrics.onWebhookPort ?? runner.admin === undefined;
  const { clock, logger } = engine;
  const gate = adminGate(() => engine.config.runner.admin?.token, clock);
  return {
    http: createWebhookServer(parts, basePath, servesMetrics ? endpoint : undefined),
    admin:
      admin &&
      createAdminServer({
        admin,
        gate,
        health: () => health.report(),
        metrics: endpoint,
        page: page?.open(engine, gate),
        clock,
        logger,
      }),
  };
}

function createWebhookServer(
  parts: ServerParts,
  basePath: string | undefined,
  endpoint: MetricsEndpoint | undefined,
): HttpServer {
  const { engine, metrics, health, mountOf, report } = parts;
  const { host, port, maxBodyBytes, hideMounts } = engine.config.runner;
  return createHttpServer({
    host,
    port,
    ...(basePath !== undefined && { basePath }),
    mounts: engine.entries.pushes.map(mountOf),
    isReady: () => health.isReady(),
    metrics: endpoint,
    maxBodyBytes,
    hideMounts,
    clock: engine.clock,
    logger: engine.logger,
    onFailure: (error, source) => report(source === undefined ? "request" : "webhook", error, source),
    onNotFound: () => metrics.notFound(),
    onMisrouted: (reason) => metrics.misrouted(reason),
    observe: (source) => observerOf(parts, source),
    telemetry: engine.telemetry,
  });
}

/** Makes the mount of a receiver: the same one for as long as the receiver stays as it is opened. */
export function mountsOf(engine: Engine, worker: Pick<InboxWorker, "accepted">): (push: OpenedPush) => Mount {
  const made = new WeakMap<OpenedPush, Mount>();
  return (push) => {
    const { key, entry, receiver, maxBodyBytes } = push;
    const mount = made.get(push) ?? {
      source: key,
      path: mountPath({ key, entry }),
      receiver,
      accept: async (item) => {
        const outcome = await engine.inbox.accept(carryingTrace(item, engine.telemetry));
        worker.accepted();
        return outcome;
      },
      isPaused: () => engine.pauses.of({ direction: "push", source: key }) !== undefined,
      ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
    };
    made.set(push, mount);
    return mount;
  };
}

function observerOf({ engine, metrics, repair, proven, emit, page }: ServerParts, source: SourceKey): WebhookObserver {
  const { clock, logger, healths } = engine;
  const isProven = () => proven.has(source);
  const refusals = new RefusalWatch({ source, health: healths.of("push", source), isProven, clock, logger });
  const listeners: WebhookListeners = {
    refused(refusal) {
      refusals.refused(refusal);
      emit({ type: "webhook-refused", source: { kind: source.kind, name: source.name }, reason: refusal.reason });
    },
    verified() {
      refusals.verified();
      proven.add(source);
    },
    turnedAway: () => repair.turnedAway(source),
  };
  return noticingWebhooks(metrics.webhookObserver(source), countingWebhooks(listeners, source, page?.activity, clock));
}
