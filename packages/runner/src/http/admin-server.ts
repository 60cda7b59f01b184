import { type AdminConfig, isLoopbackHost } from "@statewave-connectors/config/result";
import { type Clock, ConnectorsError, type Logger, type ReceiverResponse } from "@statewave-connectors/connector-sdk";
import { jsonAnswer } from "@statewave-connectors/connector-sdk/receive";
import { isAdmittedHost } from "./admin-host.ts";
import type { HealthReport } from "../health/health-report.ts";
import { detailedReadiness } from "./readiness.ts";
import type { Address } from "./listen.ts";
import { credentialsOf } from "./metrics-auth.ts";
import { authorizationOf, livenessRoute, type MetricsEndpoint, metricsRoute, readOnly } from "./operator-routes.ts";
import { type Exchange, pathOf, type Route } from "./route.ts";
import { createRouteServer, isWithin, type RouteServer, type Subtree } from "./route-server.ts";
import { adminGate, type TokenGate, tooManyAttempts, type TokenVerdict } from "./token-gate.ts";

export interface AdminServerOptions {
  readonly admin: AdminConfig;
  /** Compares the tokens of requests. Default: with that of `admin`. */
  readonly gate?: TokenGate;
  readonly health: () => HealthReport;
  readonly metrics: MetricsEndpoint;
  /** The page for operators, which checks by itself who sends a request. */
  readonly page?: Subtree | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The server behind `[runner.admin] listen`. */
export type AdminServer = Pick<RouteServer, "listen" | "close">;

/**
 * The address for operators: details and metrics, which senders of webhooks must not see. Every request has to name this server, and
 * no other, in its Host header and in a target of absolute form, and, where a token is configured, carry it.
 */
export function createAdminServer(options: AdminServerOptions): AdminServer {
  const { admin, health, metrics, page, clock } = options;
  const gate = options.gate ?? adminGate(() => admin.token, clock);
  const hasToken = (exchange: Exchange) => checkBearer(gate, exchange) === "right";
  const routes = new Map<string, Route>([
    [metrics.path, metricsRoute(metrics, clock, admin.token === undefined ? undefined : hasToken)],
    ["/healthz", livenessRoute],
    ["/readyz", readOnly(() => detailedReadiness(health()))],
    ...(page === undefined ? [] : [["/", redirectTo(`${page.path}/`)] as const]),
  ]);
  const isForPage = ({ target }: Exchange) => page !== undefined && (isWithin(page, target) || pathOf(target) === "/");
  const isScrape = ({ target }: Exchange) => metrics.auth.kind !== "none" && pathOf(target) === metrics.path;
  const notFound = jsonAnswer(404, { error: "not_found", hint: `served here: ${servedPaths(routes, page).join(", ")}` });
  const server = createRouteServer({
    ...options,
    place: { ...admin.listen, hostOption: "[runner.admin] listen", portOption: "[runner.admin] listen" },
    routes,
    subtree: page,
    notFound: () => notFound,
    refuse(exchange) {
      const { hosts } = exchange;
      const admitted = { host: admin.listen.host, allowedHosts: admin.allowedHosts };
      if (hosts.length === 0 || !hosts.every((host) => isAdmittedHost(host, admitted))) return foreignHost;
      if (isForPage(exchange)) return undefined;
      // A scraper may have credentials of its own, which its route checks.
      if (admin.token === undefined || isScrape(exchange)) return undefined;
      const verdict = checkBearer(gate, exchange);
      if (typeof verdict === "object") return tooManyAttempts(verdict.retryAfterMs);
      return verdict === "right" ? undefined : tokenRequired;
    },
  });
  return {
    listen: async () => checkAddress(await server.listen(), admin, server),
    close: (signal) => server.close(signal),
  };
}

function servedPaths(routes: ReadonlyMap<string, Route>, page: Subtree | undefined): readonly string[] {
  const paths = [...routes.keys()].filter((path) => path !== "/");
  return page === undefined ? paths : [...paths, `${page.path}/`];
}

function redirectTo(location: string): Route {
  return readOnly(() => ({ status: 303, headers: { location } }));
}

const foreignHost: ReceiverResponse = jsonAnswer(403, {
  error: "host_not_allowed",
  hint: "address it as configured, or add the name to [runner.admin] allowed_hosts",
});

const tokenRequired: ReceiverResponse = jsonAnswer(
  401,
  { error: "unauthorized", hint: "send [runner.admin] token as Authorization: Bearer" },
  { "www-authenticate": 'Bearer realm="admin"' },
);

/** Undefined: it carries no token. */
function checkBearer(gate: TokenGate, exchange: Exchange): TokenVerdict | undefined {
  const sent = credentialsOf(authorizationOf(exchange), "bearer");
  return sent === undefined ? undefined : gate.check(sent, exchange.peer);
}

/** The hosts file decides what `localhost` is. Without a token, the server must listen on loopback only. */
async function checkAddress(address: Address, { token }: AdminConfig, server: RouteServer): Promise<Address> {
  if (token !== undefined || isLoopbackHost(address.boundTo)) return address;
  await server.close(AbortSignal.abort());
  throw new ConnectorsError({
    code: "RUNNER_ADMIN_EXPOSED",
    message: `[runner.admin] listen = "${address.host}:${address.port}" is ${address.boundTo} on this machine, which is not a loopback address`,
    hint: 'set [runner.admin] token, or listen on "127.0.0.1"',
  });
}
