import { jsonAnswer, methodNotAllowed, type ReceiverResponse } from "@statewave-connectors/connector-sdk";
import { type HealthReport, readinessAnswer } from "./health.ts";
import { isAuthorized, type MetricsAuth, unauthorized } from "./metrics-auth.ts";
import type { Route } from "./route.ts";

export interface MetricsEndpoint {
  readonly path: string;
  readonly auth: MetricsAuth;
  /** The exposition. Has to settle by itself: it is asked for again only when it has. */
  readonly render: () => Promise<string>;
  readonly contentType: string;
}

/** The paths that operators and their tools use: probes without credentials, metrics behind the configured ones. */
export function operatorRoutes(health: () => HealthReport, metrics: MetricsEndpoint): ReadonlyMap<string, Route> {
  const scrape = metricsAnswer(metrics);
  return new Map([
    [metrics.path, readOnly(scrape)],
    // The probes come last: a metrics path set to one of theirs must not put credentials before them.
    ["/healthz", readOnly(() => jsonAnswer(200, { status: "ok" }))],
    ["/readyz", readOnly(() => readinessAnswer(health()))],
  ]);
}

type Answer = (authorization: string | undefined) => ReceiverResponse | Promise<ReceiverResponse>;

const readOnlyMethods = ["GET", "HEAD"];

function readOnly(answer: Answer): Route {
  return async (exchange) => {
    const { authorization } = exchange.headers as { readonly authorization?: string };
    const allowed = readOnlyMethods.includes(exchange.method);
    const response = allowed ? await answer(authorization) : methodNotAllowed(readOnlyMethods);
    exchange.send({ ...response, headers: { ...response.headers, ...uncached } });
  };
}

/** State of this instant: no proxy on the way may answer with an older one. */
const uncached = { "cache-control": "no-store" };

function metricsAnswer({ auth, render, contentType }: MetricsEndpoint): Answer {
  let rendering: Promise<string> | undefined;
  // Scrapes that overlap share one exposition: a client that sends a thousand at once costs no more memory than one.
  const renderOnce = () => {
    rendering ??= render().finally(() => (rendering = undefined));
    return rendering;
  };
  return async (authorization) => {
    if (!isAuthorized(auth, authorization)) return unauthorized;
    return { status: 200, headers: { "content-type": contentType }, body: await renderOnce() };
  };
}
