import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { MetricsAuth } from "@statewave-connectors/config/result";
import type { Clock, ReceiverResponse } from "@statewave-connectors/connector-sdk";
import { jsonAnswer, methodNotAllowed } from "@statewave-connectors/connector-sdk/receive";
import { isAuthorized, unauthorized } from "./metrics-auth.ts";
import type { BytesResponse, Exchange, Route } from "./route.ts";
import { TokenGate, tooManyAttempts } from "./token-gate.ts";

export interface MetricsEndpoint {
  readonly path: string;
  /** Read with each request: a reload replaces it. */
  readonly auth: MetricsAuth;
  /** The slices of the exposition. Has to end by itself: it is called again only when it has. */
  readonly slices: () => AsyncIterable<string>;
  readonly contentType: string;
}

type OperatorResponse = ReceiverResponse | BytesResponse;
type OperatorAnswer = (exchange: Exchange) => OperatorResponse | Promise<OperatorResponse>;

const readOnlyMethods = ["GET", "HEAD"];

/** A route for GET and HEAD whose answer is the state of this instant. */
export function readOnly(answer: OperatorAnswer): Route {
  return async (exchange) => {
    const allowed = readOnlyMethods.includes(exchange.method);
    const response = allowed ? await answer(exchange) : methodNotAllowed(readOnlyMethods);
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

/**
 * The exposition, behind the credentials of `[runner.metrics]`, which cannot be guessed quickly. `admits` opens it to requests that carry
 * another credential.
 */
export function metricsRoute(
  endpoint: MetricsEndpoint,
  clock: Clock,
  admits: (exchange: Exchange) => boolean = () => false,
): Route {
  const { slices, contentType } = endpoint;
  const gate = new TokenGate({ isRight: (sent) => isAuthorized(endpoint.auth, sent), clock });
  const refusalOf = (exchange: Exchange): ReceiverResponse | undefined => {
    if (endpoint.auth.kind === "none") return undefined;
    const sent = authorizationOf(exchange);
    if (sent === undefined) return unauthorized;
    const verdict = gate.check(sent, exchange.peer);
    if (verdict === "right" || admits(exchange)) return undefined;
    return verdict === "wrong" ? unauthorized : tooManyAttempts(verdict.retryAfterMs);
  };
  // Scrapes that overlap share one exposition: a client that sends a thousand at once costs no more memory than one.
  const whole = shared(async () => {
    const parts: Buffer[] = [];
    for await (const slice of slices()) parts.push(Buffer.from(slice));
    return Buffer.concat(parts);
  });
  const compressed = shared(async () => inGzip(await whole()));
  return readOnly(async (exchange) => {
    const refusal = refusalOf(exchange);
    if (refusal !== undefined) return refusal;
    const headers = { "content-type": contentType, vary: "accept-encoding" };
    if (!acceptsGzip(exchange)) return { status: 200, headers, bytes: await whole() };
    return { status: 200, headers: { ...headers, "content-encoding": "gzip" }, bytes: await compressed() };
  });
}

/** Compresses in another thread. */
const inGzip = promisify(gzip);

/** Calls that overlap get the result of the first. */
function shared<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let making: Promise<Result> | undefined;
  return () => {
    making ??= make().finally(() => (making = undefined));
    return making;
  };
}

/** RFC 9110 §12.5.3: a weight of 0 means no. */
function acceptsGzip({ headers }: Exchange): boolean {
  const accepted = headers["accept-encoding"];
  const codings = typeof accepted === "string" ? accepted.toLowerCase().split(",") : [];
  return codings.some((coding) => {
    const [name = "", weight = "q=1"] = coding.split(";").map((part) => part.trim());
    return name === "gzip" && Number(weight.replace(/^q=/, "")) > 0;
  });
}
