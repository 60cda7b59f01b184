import { randomUUID } from "node:crypto";
import { type Clock, ConnectorsError, type Secret } from "@statewave-connectors/connector-sdk";
import { systemCodeOf, toNetworkError } from "@statewave-connectors/connector-sdk/http";
import { withoutTrailingSlashes } from "@statewave-connectors/connector-sdk/options";
import { timeIsOver } from "../../deadline/deadline.ts";
import { within } from "../../deadline/within.ts";
import type { Network } from "../../network/network.ts";
import { basicCredentials } from "./basic-credentials.ts";
import type { SinkAnswer } from "./classify-answer.ts";
import type { LiveKeys, StatewaveKeys } from "./live-keys.ts";
import { singleRequests } from "./single-requests.ts";
import { fetchTransport, type Transport, type TransportRequest, undiciTransport } from "./transport.ts";

export interface StatewaveServerOptions {
  readonly url: URL;
  /** `user:password` for a proxy in front of the server. */
  readonly credentials?: Secret | undefined;
  readonly apiKey?: Secret | undefined;
  /** Take precedence over `apiKey` and `credentials`. */
  readonly keys?: LiveKeys | undefined;
  readonly tenantId?: string | undefined;
  readonly tenantHeader: string;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly fetchImpl?: typeof globalThis.fetch | undefined;
  /** How requests leave the process, unless `fetchImpl` sends them. Default: directly. */
  readonly network?: Network | undefined;
  /** Whether connections stay open for further requests. Default true; false for a few requests, for which undici is not loaded. */
  readonly keepAlive?: boolean | undefined;
  /** The trace that a request belongs to, sent as `traceparent`. Default: none. */
  readonly traceparent?: (() => string | undefined) | undefined;
}

export interface ServerRequest extends Pick<TransportRequest, "method" | "body" | "isEnough"> {
  /** Below the configured URL, e.g. `/v1/episodes/batch`. */
  readonly path: string;
  /** Default: a random one. */
  readonly requestId?: string;
  readonly timeoutMs: number;
}

/** How a request ended. */
export type ServerExchange =
  | { readonly type: "answered"; readonly answer: SinkAnswer }
  /** No status came, for a reason without secrets. */
  | {
      readonly type: "silent";
      readonly status: "aborted" | "timeout" | "network";
      readonly reason: string;
      readonly hint?: string;
    };

/** A Statewave server as requests reach it: its address, the key and the tenant, the way there and the deadline. */
export class StatewaveServer {
  /** Without credentials. */
  readonly description: string;
  readonly #base: string;
  #keys: StatewaveKeys | undefined;
  #headers: Readonly<Record<string, string>>;
  readonly #transport: Transport;
  readonly #options: StatewaveServerOptions;

  /** Throws `SINK_CONFIG_INVALID` for a key, a tenant or credentials that no header can carry. */
  constructor(options: StatewaveServerOptions) {
    const base = new URL(options.url);
    this.#keys = options.keys?.current;
    this.#headers = requestHeaders({ ...options, ...this.#keys }, base);
    base.username = "";
    base.password = "";
    base.search = "";
    base.hash = "";
    base.pathname = withoutTrailingSlashes(base.pathname);
    this.description = `Statewave at ${base.origin}${base.pathname.replace(/^\/$/, "")}`;
    this.#base = base.href.replace(/\/$/, "");
    this.#transport = transportOf(options);
    this.#options = options;
  }

  /** Sends one request. Settles within `timeoutMs` or when `signal` aborts; never throws. */
  async exchange(request: ServerRequest, signal: AbortSignal): Promise<ServerExchange> {
    const { method, path, body, isEnough, requestId = randomUUID(), timeoutMs } = request;
    const { clock } = this.#options;
    try {
      const traceparent = this.#options.traceparent?.();
      const headers = { ...this.#currentHeaders(), "x-request-id": requestId, ...(traceparent !== undefined && { traceparent }) };
      const url = `${this.#base}${path}`;
      const send = (sending: AbortSignal) => this.#transport.send({ method, url, headers, body, signal: sending, isEnough });
      return { type: "answered", answer: await within({ clock, timeoutMs, signal }, send) };
    } catch (error) {
      if (signal.aborted) return { type: "silent", status: "aborted", reason: "the request was given up" };
      if (error === timeIsOver) return { type: "silent", status: "timeout", reason: `no answer within ${timeoutMs / 1000} s` };
      return { type: "silent", status: "network", ...this.#networkFailure(error) };
    }
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #currentHeaders(): Readonly<Record<string, string>> {
    const keys = this.#options.keys?.current;
    if (keys !== this.#keys) {
      this.#headers = requestHeaders({ ...this.#options, ...keys }, this.#options.url);
      this.#keys = keys;
    }
    return this.#headers;
  }

  /** A proxy is named in a sentence. Without one the code says enough beside the server's own address. */
  #networkFailure(error: unknown): { readonly reason: string; readonly hint?: string } {
    const url = new URL(this.#base);
    const { fetchImpl, network } = this.#options;
    const proxy = fetchImpl === undefined ? network?.proxyFor(url) : undefined;
    const failure = proxy === undefined ? undefined : toNetworkError(error, { host: url.host, proxy });
    if (failure === undefined) return { reason: `network: ${errorCode(error)}` };
    return { reason: `network: ${failure.message}`, ...(failure.hint !== undefined && { hint: failure.hint }) };
  }
}

function transportOf({ fetchImpl, network, keepAlive = true }: StatewaveServerOptions): Transport {
  if (fetchImpl !== undefined) return fetchTransport(fetchImpl);
  return keepAlive ? undiciTransport(network) : singleRequests(network);
}

/** The system's code of what went wrong. Messages are left out: the fetch of an embedder may put anything into them. */
function errorCode(error: unknown): string {
  return (
    systemCodeOf(error) ?? (error instanceof Error && /^[A-Z][A-Za-z]{2,39}$/.test(error.name) ? error.name : "unknown error")
  );
}

function requestHeaders(
  { apiKey, tenantId, tenantHeader, userAgent, ...options }: StatewaveServerOptions,
  url: URL,
): Record<string, string> {
  const credentials = options.credentials ?? basicCredentials(url);
  const headers: Record<string, string> = {
    "content-type": "application/json",
    accept: "application/json",
    // The answer is read as it comes: a proxy must not compress it.
    "accept-encoding": "identity",
    "user-agent": userAgent,
  };
  if (apiKey !== undefined) headers["x-api-key"] = headerValue("api_key", apiKey.reveal());
  if (tenantId !== undefined) headers[headerName(tenantHeader)] = headerValue("tenant_id", tenantId);
  // For a proxy that requires it; Statewave itself reads only its own headers.
  if (credentials !== undefined) headers["authorization"] = `Basic ${Buffer.from(credentials.reveal()).toString("base64")}`;
  return headers;
}

function headerName(name: string): string {
  if (/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) return name.toLowerCase();
  throw new ConnectorsError({
    code: "SINK_CONFIG_INVALID",
    message: `tenant_header ${JSON.stringify(name)} is not a header name`,
    hint: "use letters, digits and -, as in the default X-Tenant-ID",
  });
}

/** A mounted secret often ends with a newline; any other control character would break the request. */
function headerValue(option: string, value: string): string {
  const trimmed = value.trim();
  if (/^[\x20-\x7e\x80-\xff]+$/.test(trimmed)) return trimmed;
  throw new ConnectorsError({
    code: "SINK_CONFIG_INVALID",
    message: `${option} ${trimmed === "" ? "is empty" : "contains a character that a header cannot carry"}`,
    hint: `check [statewave] ${option}`,
  });
}
