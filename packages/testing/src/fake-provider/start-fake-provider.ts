import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { answerControl } from "./control.ts";
import { type ProviderFault, ProviderFaults, withFields } from "./faults.ts";
import { type ProviderLimit, RequestWindow } from "./rate-limit.ts";
import { readBody } from "./read-body.ts";
import { findRoute, type FoundRoute, type ProviderAnswer, type ProviderRoutes, queryProblem } from "./routes.ts";
import { writeAnswer } from "./write-answer.ts";

export interface FakeProviderOptions {
  readonly routes: ProviderRoutes;
  /** What every request must show as `Authorization: Bearer`. Default `fake-token`. */
  readonly token?: string;
  /** Other credentials than a token. */
  readonly isAuthorized?: (headers: Readonly<Record<string, string | undefined>>) => boolean;
  readonly faults?: readonly ProviderFault[];
  readonly limit?: ProviderLimit;
  /** The windows of `limit` are so many times as short. Default 1. */
  readonly timeScale?: number;
  /** Called for each request when it is answered. */
  readonly log?: (entry: ProviderLogEntry) => void;
  /** Epoch milliseconds. Default: the machine's. */
  readonly now?: () => number;
  /** Default 0: a free one. */
  readonly port?: number;
}

/** One request, and what became of it. Without credentials. */
export interface ProviderLogEntry {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The route; undefined: none takes it. */
  readonly route: string | undefined;
  /** Undefined: it got no answer. */
  readonly status: number | undefined;
  readonly faults: readonly ProviderFault["type"][];
}

export interface FakeProviderStats {
  readonly requests: number;
  /** Requests by the route that takes them, as it is declared: `GET /changes`. */
  readonly routes: Readonly<Record<string, number>>;
  /** Requests that a `hang` keeps without an answer now. */
  readonly hanging: number;
  /** By status; `none`: no answer. */
  readonly answers: Readonly<Record<string, number>>;
  /** Requests that no route takes, `METHOD path: why`, the first 100. A test expects none. */
  readonly refused: readonly string[];
}

/** A running fake. */
export interface FakeProvider {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly token: string;
  /** Requests that no route takes, or whose answer threw, `METHOD path: why`. A test expects none. */
  readonly refused: readonly string[];
  stats(): FakeProviderStats;
  /** Replaces the faults that are set. */
  setFaults(faults: readonly ProviderFault[]): void;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

const mostRefused = 100;

/**
 * A provider over real HTTP, made from its routes: strict about what they declare, and as faulty as a real one on demand.
 * `GET /__fake__/stats` and `PUT /__fake__/faults` control it from another process.
 */
export async function fakeProvider(options: FakeProviderOptions): Promise<FakeProvider> {
  const handler = new ProviderHandler(options);
  // On a busy machine it would close a connection on which a request is under way.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => void handler.handle(request, response));
  await once(server.listen(options.port ?? 0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    token: handler.token,
    refused: handler.refused,
    stats: () => handler.stats(),
    setFaults: (faults) => handler.faults.set(faults),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

class ProviderHandler {
  readonly faults = new ProviderFaults();
  readonly refused: string[] = [];
  readonly token: string;
  readonly #options: FakeProviderOptions;
  readonly #window: RequestWindow | undefined;
  readonly #first = new Map<string, ProviderAnswer>();
  readonly #answers: Record<string, number> = {};
  readonly #routes: Record<string, number> = {};
  #requests = 0;
  #hanging = 0;

  constructor(options: FakeProviderOptions) {
    this.#options = options;
    this.token = options.token ?? "fake-token";
    this.#window = options.limit === undefined ? undefined : new RequestWindow(options.limit, options.timeScale ?? 1);
    this.faults.set(options.faults ?? []);
  }

  stats(): FakeProviderStats {
    return {
      requests: this.#requests,
      routes: { ...this.#routes },
      hanging: this.#hanging,
      answers: { ...this.#answers },
      refused: this.refused.slice(0, mostRefused),
    };
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/" } = request;
    try {
      if (await answerControl(request, response, this)) return;
      this.#requests += 1;
      const url = new URL(path, "http://fake");
      const found = findRoute(this.#options.routes, method, url.pathname);
      const route = "key" in found ? found.key : undefined;
      if (route !== undefined) this.#routes[route] = (this.#routes[route] ?? 0) + 1;
      const faults = this.faults.take(route ?? "");
      response.once("close", () => this.#report({ method, path, route, faults: faults.map(({ type }) => type) }, response));
      await this.#respond(request, response, { url, found, faults });
    } catch {
      // The client hung up.
      response.destroy();
    }
  }

  async #respond(
    request: IncomingMessage,
    response: ServerResponse,
    {
      url,
      found,
      faults,
    }: { readonly url: URL; readonly found: FoundRoute | readonly string[]; readonly faults: readonly ProviderFault[] },
  ): Promise<void> {
    const aheadMs = faults.reduce((sum, fault) => sum + (fault.type === "clock" ? fault.aheadMs : 0), 0);
    const nowMs = (this.#options.now ?? Date.now)() + aheadMs;
    response.setHeader("date", new Date(nowMs).toUTCString());
    for (const fault of faults) if (fault.type === "latency") await delay(fault.latencyMs, undefined, { ref: false });
    if (faults.some(({ type }) => type === "hang")) return this.#hang(response);
    if (faults.some(({ type }) => type === "reset")) return void response.destroy();
    const limited = this.#window?.take(nowMs);
    for (const [name, value] of Object.entries(limited?.headers ?? {})) response.setHeader(name, value);
    const replaced = faults.map((fault) => replacementOf(fault, url)).find((answer) => answer !== undefined);
    const refusal = limited?.isAllowed === false ? tooMany(this.#options.limit) : undefined;
    const answer = refusal ?? replaced ?? (await this.#answerOf(request, url, found, nowMs));
    const bodyFault = faults.find(({ type }) => type === "cut" || type === "slow_body" || type === "gzip_bomb");
    await writeAnswer(response, this.#spoiled(answer, found, faults), bodyFault);
  }

  #hang(response: ServerResponse): void {
    this.#hanging += 1;
    response.once("close", () => (this.#hanging -= 1));
  }

  async #answerOf(
    request: IncomingMessage,
    url: URL,
    found: FoundRoute | readonly string[],
    nowMs: number,
  ): Promise<ProviderAnswer> {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]));
    const isPublic = "key" in found && found.route.isPublic === true;
    if (!isPublic && !this.#isAuthorized(headers)) return errorAnswer(401, "unauthorized");
    const refuse = (answer: ProviderAnswer, why: string) => {
      this.refused.push(`${request.method} ${request.url}: ${why}`);
      return answer;
    };
    if (!("key" in found)) {
      if (found.length === 0) return refuse(errorAnswer(404, "not_found"), "no such path");
      return refuse({ ...errorAnswer(405, "method_not_allowed"), headers: { allow: found.join(", ") } }, "no such method");
    }
    const { route, params } = found;
    const read = await readBody(request);
    if (!("body" in read)) return refuse(errorAnswer(read.status, read.error), read.error);
    const { body } = read;
    const problem = queryProblem(route, url.searchParams) ?? (route.body === undefined ? unwantedBody(body) : route.body(body));
    if (problem !== undefined) return refuse(errorAnswer(400, problem), problem);
    const { method = "GET" } = request;
    const query = Object.fromEntries(url.searchParams);
    const listOf = (name: string) => url.searchParams.getAll(name);
    try {
      return await route.answer({ method, params, query, listOf, headers, body, nowMs });
    } catch (error) {
      // A connection that breaks off would look like a fault of the network.
      const thrown = `the answer of "${found.key}" threw ${String(error)}`;
      return refuse(errorAnswer(500, thrown), thrown);
    }
  }

  #isAuthorized(headers: Readonly<Record<string, string | undefined>>): boolean {
    const { isAuthorized } = this.#options;
    return isAuthorized === undefined ? headers["authorization"] === `Bearer ${this.token}` : isAuthorized(headers);
  }

  /** The answer with the lies that are set. */
  #spoiled(answer: ProviderAnswer, found: FoundRoute | readonly string[], faults: readonly ProviderFault[]): ProviderAnswer {
    if (!("key" in found) || (answer.status ?? 200) >= 300) return answer;
    const first = this.#first.get(found.key) ?? answer;
    this.#first.set(found.key, first);
    const honest = faults.some(({ type }) => type === "repeat") ? first : answer;
    const lies = faults.flatMap((fault) => (fault.type === "set" ? [fault.values] : []));
    return lies.length === 0 ? honest : { ...honest, body: lies.reduce(withFields, honest.body) };
  }

  #report(entry: Omit<ProviderLogEntry, "status">, response: ServerResponse): void {
    const status = response.headersSent ? response.statusCode : undefined;
    const counted = String(status ?? "none");
    this.#answers[counted] = (this.#answers[counted] ?? 0) + 1;
    this.#options.log?.({ ...entry, status });
  }
}

function errorAnswer(status: number, error: string): ProviderAnswer {
  return { status, body: { error } };
}

function tooMany(limit: ProviderLimit | undefined): ProviderAnswer {
  return errorAnswer(limit?.status ?? 429, "too many requests");
}

function unwantedBody(body: unknown): string | undefined {
  return body === undefined ? undefined : "the request must have no body";
}

/** What is sent in place of the route's answer. */
function replacementOf(fault: ProviderFault, url: URL): ProviderAnswer | undefined {
  if (fault.type === "status") {
    const { status, headers = {}, body = { error: `status ${status}` } } = fault;
    return { status, headers, body };
  }
  if (fault.type === "html") {
    const headers = { "content-type": "text/html; charset=utf-8" };
    return { status: fault.status ?? 200, headers, body: "<!doctype html><html><body>Please log in</body></html>" };
  }
  if (fault.type !== "redirect") return undefined;
  return { status: fault.status ?? 302, headers: { location: new URL(url.pathname + url.search, fault.to).href } };
}
