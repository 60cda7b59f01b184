import type { MetricsAuth } from "@statewave-connectors/config";
import type { ReceiverResponse } from "@statewave-connectors/connector-sdk";
import { jsonAnswer, methodNotAllowed } from "@statewave-connectors/connector-sdk/receive";
import { isAuthorized, unauthorized } from "./metrics-auth.ts";
import type { Exchange, Route } from "./route.ts";

export interface MetricsEndpoint {
  readonly path: string;
  readonly auth: MetricsAuth;
  /** The exposition. Has to settle by itself: it is called again only when it has. */
  readonly render: () => Promise<string>;
  readonly contentType: string;
}

type OperatorAnswer = (authorization: string | undefined) => ReceiverResponse | Promise<ReceiverResponse>;

const readOnlyMethods = ["GET", "HEAD"];

/** A route for GET and HEAD whose answer is the state of this instant. */
export function readOnly(answer: OperatorAnswer): Route {
  return async (exchange) => {
    const allowed = readOnlyMethods.includes(exchange.method);
    const response = allowed ? await answer(authorizationOf(exchange)) : methodNotAllowed(readOnlyMethods);
    exchange.send({ ...response, headers: { ...response.headers, ...uncached } });
  };
}

/** Repeats of it are dropped by node:http, so it is one text. */
export function authorizationOf({ headers }: Pick<Exchange, "headers">): string | undefined {
  const { authorization } = headers;
  return typeof authorization === "string" ? authorization : undefined;
}

/** State of this instant: no proxy on the way may answer with an older one. */
const uncached = { "cache-control": "no-store" };

/** `/healthz`: the process listens. */
export const livenessRoute: Route = readOnly(() => jsonAnswer(200, { status: "ok" }));

/** The exposition, behind the credentials of `[runner.metrics]`. `admits` opens it to requests that another credential let in. */
export function metricsRoute(
  { auth, render, contentType }: MetricsEndpoint,
  admits: (authorization: string | undefined) => boolean = () => false,
): Route {
  let rendering: Promise<string> | undefined;
  // Scrapes that overlap share one exposition: a client that sends a thousand at once costs no more memory than one.
  const renderOnce = () => {
    rendering ??= render().finally(() => (rendering = undefined));
    return rendering;
  };
  return readOnly(async (authorization) => {
    if (!isAuthorized(auth, authorization) && !admits(authorization)) return unauthorized;
    return { status: 200, headers: { "content-type": contentType }, body: await renderOnce() };
  });
}
