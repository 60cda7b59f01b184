import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";
import type { Clock, Logger, ReceiverResponse } from "@statewave-connectors/connector-sdk";
import { internalError } from "@statewave-connectors/connector-sdk/receive";
import { BasePath } from "./base-path.ts";
import { Connections } from "./connections.ts";
import { type Address, listen, type ListenPlace } from "./listen.ts";
import { refuseConnect, refuseMalformed } from "./refuse-socket.ts";
import { FetchEntrance } from "./fetch-entrance.ts";
import type { FetchExchange } from "./fetch-exchange.ts";
import { NodeExchange } from "./node-exchange.ts";
import { createServer } from "./node-http.ts";
import { type Exchange, pathOf, type Route } from "./route.ts";

export interface RouteServerOptions {
  readonly place: ListenPlace;
  /** By path, compared as sent: first whole, then what is below `basePath`. */
  readonly routes: Routes;
  /** What else is served: a path with everything below it. */
  readonly subtree?: Subtree | undefined;
  /** Answers every other path. */
  readonly notFound: (exchange: Exchange) => ReceiverResponse;
  /** Refuses a request before its route is looked up; undefined admits it. Default: admits all. */
  readonly refuse?: (exchange: Exchange) => ReceiverResponse | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with what made a route's answer 500. */
  readonly onFailure?: (error: unknown) => void;
  /** What may precede the paths of `routes`, e.g. `/connectors`. Default: nothing. */
  readonly basePath?: string | undefined;
  /** From the connection, or the former answer's end, to the last header. Default 10 s. */
  readonly headersTimeoutMs?: number | undefined;
  /** From the last header to the last byte of the body. Default 30 s. */
  readonly bodyTimeoutMs?: number | undefined;
}

/** The route of a path, at this moment. */
type Routes = Pick<ReadonlyMap<string, Route>, "get">;

/** One route for a path and for every path below it. */
export interface Subtree {
  /** Without a slash at its end. */
  readonly path: string;
  readonly route: Route;
}

export function isWithin({ path }: Pick<Subtree, "path">, target: string): boolean {
  const requested = pathOf(target);
  return requested === path || requested.startsWith(`${path}/`);
}

/** A server of routes, on an address of its own and through `fetch`. */
export interface RouteServer {
  /** Throws a `RUNNER_` error when the address is unavailable. */
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
}

const closingGraceMs = 1_000;

/**
 * Serves routes on node:http alone. Every path is known beforehand, so routing is one look-up in a map, and a framework would only cost time
 * and memory (`bench/http-floor.ts` prints its share of the hot path). No request target is parsed as a URL, so none can make a request
 * fail.
 */
export function createRouteServer(options: RouteServerOptions): RouteServer {
  const { logger, clock, notFound, refuse } = options;
  const basePath = new BasePath(options.basePath ?? "");
  const server = createNodeServer(options);
  const connections = new Connections(server);
  let draining = false;

  const dispatch = (exchange: NodeExchange | FetchExchange): void | Promise<void> => {
    const refusal = refuse?.(exchange);
    const route = refusal === undefined ? findRoute(options, basePath, exchange.target) : undefined;
    if (route === undefined) exchange.send(refusal ?? notFound(exchange));
    else return answer(route, exchange, options);
  };
  const entrance = new FetchEntrance(dispatch, basePath);
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    connections.begin(incoming, outgoing);
    if (draining) outgoing.setHeader("connection", "close");
    void dispatch(new NodeExchange(incoming, outgoing));
  };
  server.on("request", onRequest);
  // `Expect: 100-continue`: reading the body sends the go-ahead, so that a body refused for its length is never sent.
  server.on("checkContinue", onRequest);
  server.on("connect", refuseConnect);
  server.on("clientError", (error, socket) => refuseMalformed(error, socket, connections.answerOn(socket)));

  const beginDrain = () => {
    draining = true;
    for (const outgoing of connections.answers()) if (!outgoing.headersSent) outgoing.setHeader("connection", "close");
  };
  let closing: Promise<void> | undefined;
  return {
    listen: () => listen(server, options.place, logger),
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
  };
}

function findRoute({ routes, subtree }: RouteServerOptions, basePath: BasePath, target: string): Route | undefined {
  const path = pathOf(target);
  const route = routes.get(path);
  if (route !== undefined) return route;
  if (subtree !== undefined && isWithin(subtree, target)) return subtree.route;
  const below = basePath.below(path);
  return below === undefined ? undefined : routes.get(below);
}

function createNodeServer({ headersTimeoutMs = 10_000, bodyTimeoutMs = 30_000 }: RouteServerOptions): Server {
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    // The body's own time-out is exact and answers in JSON; this one is for bodies that no route reads.
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

async function answer(
  route: Route,
  exchange: NodeExchange | FetchExchange,
  { logger, onFailure }: RouteServerOptions,
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
