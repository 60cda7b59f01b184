import type { Clock, Logger, ReceiverResponse, SourceKey } from "@statewave-connectors/connector-sdk";
import { jsonAnswer, wireLimitBytes } from "@statewave-connectors/connector-sdk/receive";
import { BodyBudget } from "./body-budget.ts";
import { MisroutedWebhooks, type Misrouting } from "./misrouted-webhooks.ts";
import { livenessRoute, type MetricsEndpoint, metricsRoute, readOnly } from "./operator-routes.ts";
import { overallReadiness } from "./readiness.ts";
import { pathOf, type Route } from "./route.ts";
import { createRouteServer, type RouteServer } from "./route-server.ts";
import { type Mount, type WebhookObserver, webhookRoute } from "./webhook-route.ts";

export interface HttpServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly mounts: readonly Mount[];
  readonly isReady: () => boolean;
  /** Absent: they are served elsewhere, or nowhere. */
  readonly metrics?: MetricsEndpoint | undefined;
  /** The body limit of mounts that set none, in bytes. */
  readonly maxBodyBytes: number;
  /** Whether a 404 hides the paths of the receivers. */
  readonly hideMounts: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called for each request to an unknown path. */
  readonly onNotFound?: () => void;
  /** Called for each of those that look like a webhook. */
  readonly onMisrouted?: (reason: Misrouting) => void;
  /** Called once for each mount. */
  readonly observe: (source: SourceKey) => WebhookObserver;
  /** Called with the error behind a 500, or behind a 503 of a store, and with the receiver's source. */
  readonly onFailure?: (error: unknown, source?: SourceKey) => void;
  /** Bytes that all bodies in flight may hold together. Default 64 MiB, or the largest that a receiver takes if that is more. */
  readonly bodyBudgetBytes?: number;
  /** See {@link RouteServerOptions}. */
  readonly basePath?: string;
  readonly headersTimeoutMs?: number;
  readonly bodyTimeoutMs?: number;
  /** From the last byte of the body to the answer. Default 10 s, which is when the more patient providers give up. */
  readonly answerTimeoutMs?: number;
}

/** The server behind `[runner] host` and `port`. */
export interface HttpServer extends RouteServer {
  /** Bytes of bodies held at this moment. */
  readonly bodyBytesInFlight: number;
}

const maxLoggedPathLength = 200;
const mebibyte = 1024 * 1024;
const formType = "application/x-www-form-urlencoded";

/**
 * The runner's public address: webhooks and bare probes. Behind a proxy every request comes from loopback, so the
 * origin of a request proves nothing. Host is never read.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { host, port } = options;
  const budget = new BodyBudget(options.bodyBudgetBytes ?? Math.max(64 * mebibyte, largestBody(options)));
  const notFound = notFoundAnswer(options);
  const misrouted = new MisroutedWebhooks({ ...options, paths: options.mounts.map(({ path }) => path) });
  const server = createRouteServer({
    ...options,
    place: { host, port, hostOption: "[runner] host", portOption: "[runner] port" },
    routes: routesOf(options, budget),
    notFound({ method, target }) {
      options.onNotFound?.();
      const path = pathOf(target);
      misrouted.notFound(method, path);
      options.logger.debug("nothing is mounted at this path", { method, path: path.slice(0, maxLoggedPathLength) });
      return notFound;
    },
  });
  return {
    listen: () => server.listen(),
    fetch: (request) => server.fetch(request),
    get isClosed() {
      return server.isClosed;
    },
    beginDrain: () => server.beginDrain(),
    close: (signal) => server.close(signal),
    get bodyBytesInFlight() {
      return budget.usedBytes;
    },
  };
}

/** On the wire, where it is a form. */
function largestBody({ mounts, maxBodyBytes }: HttpServerOptions): number {
  const largest = mounts.map((mount) => wireLimitBytes(mount.receiver, mount.maxBodyBytes ?? maxBodyBytes, formType));
  return largest.reduce((left, right) => Math.max(left, right), 0);
}

function routesOf(options: HttpServerOptions, budget: BodyBudget): ReadonlyMap<string, Route> {
  const { bodyTimeoutMs = 30_000, answerTimeoutMs = 10_000, metrics, isReady } = options;
  const context = { ...options, bodyTimeoutMs, answerTimeoutMs, budget };
  return new Map([
    ...options.mounts.map((mount) => [mount.path, webhookRoute(mount, context)] as const),
    ...(metrics === undefined ? [] : [[metrics.path, metricsRoute(metrics)] as const]),
    // The probes come last: a metrics path set to one of theirs must not put credentials before them.
    ["/healthz", livenessRoute],
    ["/readyz", readOnly(() => overallReadiness(isReady()))],
  ]);
}

/** At most so many paths are listed: with a thousand mounts each stray request would otherwise be answered with 30 kB. */
const maxListedMounts = 50;

function notFoundAnswer({ mounts, hideMounts, basePath = "" }: HttpServerOptions): ReceiverResponse {
  if (hideMounts) return jsonAnswer(404, { error: "not_found" });
  const listed = mounts.slice(0, maxListedMounts).map(({ path }) => basePath + path);
  if (mounts.length > listed.length) listed.push(`and ${mounts.length - listed.length} more`);
  return jsonAnswer(404, { error: "not_found", hint: `mounted: ${listed.join(", ") || "nothing"}` });
}
