import type { Clock, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import type { Misrouting } from "./misrouted-webhooks.ts";
import { livenessRoute, type MetricsEndpoint, metricsRoute, readOnly } from "./operator-routes.ts";
import { overallReadiness } from "./readiness.ts";
import type { Route } from "./route.ts";
import { createRouteServer, type RouteServer } from "./route-server.ts";
import { WebhookMounts } from "./webhook-mounts.ts";
import type { Mount, WebhookContext, WebhookObserver } from "./webhook-route.ts";

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
  /** See `WebhookContext`. */
  readonly telemetry?: WebhookContext["telemetry"];
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
  /** See `WebhookMounts`. */
  readonly mount: (mounts: readonly Mount[]) => void;
  /** Bytes of bodies held at this moment. */
  readonly bodyBytesInFlight: number;
}

/**
 * The runner's public address: webhooks and bare probes. Behind a proxy every request comes from loopback, so the
 * origin of a request proves nothing. Host is never read.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { host, port, bodyTimeoutMs = 30_000, answerTimeoutMs = 10_000 } = options;
  const routes = new WebhookMounts({ ...options, bodyTimeoutMs, answerTimeoutMs }, routesBesideMounts(options));
  routes.mount(options.mounts);
  const server = createRouteServer({
    ...options,
    place: { host, port, hostOption: "[runner] host", portOption: "[runner] port" },
    routes,
    notFound: (exchange) => routes.notFound(exchange),
  });
  return {
    listen: () => server.listen(),
    fetch: (request) => server.fetch(request),
    get isClosed() {
      return server.isClosed;
    },
    beginDrain: () => server.beginDrain(),
    close: (signal) => server.close(signal),
    mount: (mounts) => routes.mount(mounts),
    get bodyBytesInFlight() {
      return routes.bodyBytesInFlight;
    },
  };
}

function routesBesideMounts({ metrics, isReady, clock }: HttpServerOptions): ReadonlyMap<string, Route> {
  return new Map([
    ...(metrics === undefined ? [] : [[metrics.path, metricsRoute(metrics, clock)] as const]),
    // The probes come last: a metrics path set to one of theirs must not put credentials before them.
    ["/healthz", livenessRoute],
    ["/readyz", readOnly(() => overallReadiness(isReady()))],
  ]);
}
