import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";
import type { Clock, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { internalError, jsonAnswer } from "@statewave-connectors/connector-sdk";
import { BodyBudget } from "./body-budget.ts";
import { Connections } from "./connections.ts";
import type { HealthReport } from "./health.ts";
import { type Address, listen } from "./listen.ts";
import { type MetricsEndpoint, operatorRoutes } from "./operator-routes.ts";
import { FetchEntrance } from "./fetch-entrance.ts";
import type { FetchExchange } from "./fetch-exchange.ts";
import { NodeExchange } from "./node-exchange.ts";
import { refuseConnect, refuseMalformed } from "./refuse-socket.ts";
import { pathOf, type Route } from "./route.ts";
import { type Mount, type WebhookObserver, webhookRoute } from "./webhook-route.ts";

export interface HttpServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly mounts: readonly Mount[];
  readonly health: () => HealthReport;
  readonly metrics: MetricsEndpoint;
  /** The body limit of mounts that set none, in bytes. */
  readonly maxBodyBytes: number;
  /** Whether a 404 keeps to itself what is mounted. */
  readonly hideMounts: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Asked once for each mount. */
  readonly observe: (source: SourceKey) => WebhookObserver;
  /** Called with what made an answer 500, or 503 for a store that failed, and whose it was. */
  readonly onFailure?: (error: unknown, source?: SourceKey) => void;
  /** Bytes that all bodies in flight may hold together. Default 64 MiB. */
  readonly bodyBudgetBytes?: number;
  /** From the connection, or the former answer's end, to the last header. Default 10 s. */
  readonly headersTimeoutMs?: number;
  /** From the last header to the last byte of the body. Default 30 s. */
  readonly bodyTimeoutMs?: number;
  /** From the last byte of the body to the answer. Default 10 s, which is when the more patient providers give up. */
  readonly answerTimeoutMs?: number;
}

export interface HttpServer {
  /** Throws a `RUNNER_` error when the address cannot be had. */
  listen(): Promise<Address>;
  /** Answers a request that another server took, by the same routes and limits, whether this one listens or not. Never throws. */
  fetch(request: Request): Promise<Response>;
  /** Whether `fetch` no longer takes requests. */
  readonly isClosed: boolean;
  /** Requests are still taken, but each answer closes its connection: clients move on to another process. */
  beginDrain(): void;
  /**
   * Stops listening, cuts idle connections, lets what is being answered end, and cuts the rest when `signal` aborts. A request whose body
   * is not whole after a second is cut: nothing of it is stored and its sender knows. Idempotent.
   */
  close(signal: AbortSignal): Promise<void>;
  /** Bytes of bodies held at this moment. */
  readonly bodyBytesInFlight: number;
}

const mebibyte = 1024 * 1024;
const closingGraceMs = 1_000;

/**
 * The runner's HTTP surface, on node:http alone. Every path is known at start, so routing is one look-up in a map, whatever their number,
 * and a framework would have nothing to do that pays for its share of each webhook, of the start and of idle memory (what it takes of the
 * hot path, `bench/http-floor.ts` prints). Nothing is parsed as a URL and Host is never read, so no request target and no Host header can
 * make a request fail oddly.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { logger, clock } = options;
  const budget = new BodyBudget(options.bodyBudgetBytes ?? 64 * mebibyte);
  const routes = routesOf(options, budget);
  const notFound = notFoundAnswer(options);
  const server = createNodeServer(options);
  const connections = new Connections(server);
  let draining = false;

  const dispatch = (exchange: NodeExchange | FetchExchange): void | Promise<void> => {
    const route = routes.get(pathOf(exchange.target));
    if (route === undefined) exchange.send(notFound);
    else return answer(route, exchange, options);
  };
  const entrance = new FetchEntrance(dispatch);
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    connections.begin(incoming, outgoing);
    if (draining) outgoing.setHeader("connection", "close");
    void dispatch(new NodeExchange(incoming, outgoing));
  };
  server.on("request", onRequest);
  // `Expect: 100-continue`: the go-ahead is given by whoever reads the body, so that a body refused for its length is never sent.
  server.on("checkContinue", onRequest);
  server.on("connect", refuseConnect);
  server.on("clientError", (error, socket) => refuseMalformed(error, socket, connections.answerOn(socket)));

  const beginDrain = () => {
    draining = true;
    for (const outgoing of connections.answers()) if (!outgoing.headersSent) outgoing.setHeader("connection", "close");
  };
  let closing: Promise<void> | undefined;
  return {
    listen: () => listen(server, options.host, options.port, logger),
    fetch: (request) => entrance.fetch(request),
    get isClosed() {
      return entrance.isClosed;
    },
    beginDrain,
    close(signal) {
      beginDrain();
      closing ??= Promise.all([finish(server, connections, clock, signal), entrance.close(clock, closingGraceMs, signal)]).then(
        () => undefined,
      );
      return closing;
    },
    get bodyBytesInFlight() {
      return budget.usedBytes;
    },
  };
}

function createNodeServer({ headersTimeoutMs = 10_000, bodyTimeoutMs = 30_000 }: HttpServerOptions): Server {
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    // The body's own time-out is exact and answers in JSON; this one is for bodies that nobody reads.
    requestTimeout: headersTimeoutMs + bodyTimeoutMs + 5_000,
    // How often Node looks for requests that are over time: by default only every 30 s.
    connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
    // Longer than the 60 s of common load balancers, which otherwise pick a connection for a request just as we close it.
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16 * 1024,
  });
  // Cuts a client that never reads its answer. No request takes that long by itself.
  server.timeout = 120_000;
  // Idle connections must not use up the file descriptors that the stores need; beyond it, new ones are closed at once.
  server.maxConnections = 4_096;
  return server;
}

function routesOf(options: HttpServerOptions, budget: BodyBudget): ReadonlyMap<string, Route> {
  const { bodyTimeoutMs = 30_000, answerTimeoutMs = 10_000 } = options;
  const context = { ...options, bodyTimeoutMs, answerTimeoutMs, budget };
  return new Map([
    ...options.mounts.map((mount) => [mount.path, webhookRoute(mount, context)] as const),
    ...operatorRoutes(options.health, options.metrics),
  ]);
}

/** At most so many paths are listed: with a thousand mounts each stray request would otherwise be answered with 30 kB. */
const maxListedMounts = 50;

function notFoundAnswer({ mounts, hideMounts }: HttpServerOptions) {
  if (hideMounts) return jsonAnswer(404, { error: "not_found" });
  const listed = mounts.slice(0, maxListedMounts).map(({ path }) => path);
  if (mounts.length > listed.length) listed.push(`and ${mounts.length - listed.length} more`);
  return jsonAnswer(404, { error: "not_found", hint: `mounted: ${listed.join(", ") || "nothing"}` });
}

async function answer(
  route: Route,
  exchange: NodeExchange | FetchExchange,
  { logger, onFailure }: HttpServerOptions,
): Promise<void> {
  try {
    await route(exchange);
  } catch (error) {
    logger.error("request failed", { method: exchange.method, path: pathOf(exchange.target), error });
    onFailure?.(error);
    exchange.fail(internalError());
  }
}

async function finish(server: Server, connections: Connections, clock: Clock, signal: AbortSignal): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    // Calls back with an error when it never listened, which is just as closed. Not the http server's own `close`: that takes an answer
    // which is written but not yet sent for an idle connection, and cuts it short.
    NetServer.prototype.close.call(server, () => resolve());
  });
  const cutAll = () => connections.cutAll();
  signal.addEventListener("abort", cutAll, { once: true });
  if (signal.aborted) cutAll();
  const cancelCut = clock.after(closingGraceMs, () => connections.cutUnfinishedRequests());
  await connections.finish();
  await closed;
  cancelCut();
  // Ends the timer with which it looks for late requests; there is nothing left to cut.
  server.close();
  signal.removeEventListener("abort", cutAll);
}
