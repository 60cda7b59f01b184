import { type ConnectorContext, type ConnectorsError, isConnectorsError, type Secret } from "@statewave-connectors/connector-sdk";
import { nextLink, readResponseText } from "@statewave-connectors/connector-sdk/http";
import { type Credentials, mintingFailed } from "./credentials.ts";
import { badAnswer, type CredentialsKind, OverloadedError, toGithubError, unavailable } from "./errors.ts";
import { version } from "./version.ts";

/** A page of 100 issues with the largest bodies GitHub allows (64 KiB characters) stays well below. */
const maxBodyBytes = 64 * 1024 * 1024;

export interface ClientOptions {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly credentials: Credentials;
  readonly context: Pick<ConnectorContext, "fetch" | "clock">;
}

/** A REST answer that was 2xx or 304. */
export interface Answer {
  /** 304: nothing changed since the ETag that was sent; there is no body. */
  readonly notModified: boolean;
  readonly body: unknown;
  readonly etag: string | undefined;
  /** The next page, verbatim from the Link header. */
  readonly next: string | undefined;
  /** GitHub's clock when it answered, epoch milliseconds. */
  readonly dateMs: number;
  readonly headers: Headers;
}

/** A GraphQL answer; `errors` is empty when all went well. A rate limit is thrown instead. */
export interface GraphqlAnswer {
  readonly data: unknown;
  readonly errors: readonly GraphqlError[];
  readonly dateMs: number;
}

export interface GraphqlError {
  /** GitHub's `type`, or the code of a query that its schema does not know. */
  readonly type: string;
  readonly message: string;
}

interface Exchange {
  readonly response: Response;
  readonly text: string;
}

interface RequestParts {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const commonHeaders = {
  accept: "application/vnd.github+json",
  "user-agent": `statewave-connector-github/${version}`,
  "x-github-api-version": "2022-11-28",
};

const requestTimeoutMs = 30_000;
const maxRedirects = 5;
const redirectStatuses = new Set([301, 302, 307, 308]);

/**
 * GitHub over `context.fetch`: one request at a time, as GitHub asks for. Credentials go to the origin of `base_url` and nowhere else.
 * Everything it throws is a `ConnectorsError`, except the reason of the caller's own abort.
 */
export class GithubClient {
  readonly credentials: CredentialsKind;
  readonly #options: ClientOptions;
  readonly #origin: string;
  #moved = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#origin = new URL(options.baseUrl).origin;
    this.credentials = options.credentials.kind;
  }

  get authenticated(): boolean {
    return this.credentials !== "none";
  }

  /** GETs a path below `base_url`, or a link that GitHub gave. */
  async get(target: string, options: { readonly signal: AbortSignal; readonly etag?: string | undefined }): Promise<Answer> {
    let url = this.#resolve(target, this.#options.baseUrl + "/");
    const headers: Record<string, string> = options.etag === undefined ? {} : { "if-none-match": options.etag };
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      const exchange = await this.#exchange(url, { method: "GET", headers }, options.signal);
      const { response } = exchange;
      if (!redirectStatuses.has(response.status)) return this.#answer(url, exchange);
      this.#moved ||= response.status === 301 || response.status === 308;
      url = this.#resolve(response.headers.get("location") ?? "nowhere:", url.href);
    }
    throw badAnswer(`GitHub redirects ${asked("GET", url)} in a circle`);
  }

  /** Whether GitHub said, since this was last asked, that something lives elsewhere for good: the repository was renamed or transferred. */
  takeMoved(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  /** Sends one query. Needs a token: GitHub's GraphQL answers nobody without one. */
  async graphql(query: string, variables: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<GraphqlAnswer> {
    const url = new URL(graphqlUrl(this.#options.baseUrl));
    const body = JSON.stringify({ query, variables });
    const headers = { "content-type": "application/json" };
    const { response, text } = await this.#exchange(url, { method: "POST", headers, body }, signal);
    if (response.status !== 200) throw this.#failure("POST", url, response, messageOf(text));
    const answer = parseJson(text, "POST", url);
    const errors = graphqlErrors(answer);
    const limited = errors.find((error) => error.type === "RATE_LIMITED" || /rate limit/i.test(error.message));
    if (limited !== undefined) throw this.#failure("POST", url, response, `${limited.message} (rate limit exceeded)`);
    return { data: field(answer, "data"), errors, dateMs: this.#dateMs(response) };
  }

  #answer(url: URL, { response, text }: Exchange): Answer {
    const { status, headers } = response;
    if (status !== 304 && !response.ok) throw this.#failure("GET", url, response, messageOf(text));
    return {
      notModified: status === 304,
      body: status === 304 ? undefined : parseJson(text, "GET", url),
      etag: headers.get("etag") ?? undefined,
      next: nextLink(headers.get("link")),
      dateMs: this.#dateMs(response),
      headers,
    };
  }

  #resolve(target: string, base: string): URL {
    const url = URL.parse(target, base);
    if (url?.origin === this.#origin) return url;
    throw badAnswer(`GitHub at ${this.#origin} points to another host (${url?.origin ?? "not a URL"}); it is not followed`);
  }

  #dateMs(response: Response): number {
    const dateMs = Date.parse(response.headers.get("date") ?? "");
    return Number.isNaN(dateMs) ? this.#options.context.clock.now() : dateMs;
  }

  #failure(method: string, url: URL, { status, headers }: Response, message: string): ConnectorsError {
    const nowMs = this.#options.context.clock.now();
    if (status === 401) this.#options.credentials.forget();
    return toGithubError({ status, headers, message, asked: asked(method, url), nowMs, credentials: this.credentials });
  }

  /** Makes a token for itself, with a bearer that is not one of its own. */
  async #mint(path: string, bearer: Secret, signal: AbortSignal): Promise<unknown> {
    const url = this.#resolve(path, this.#options.baseUrl + "/");
    const { response, text } = await this.#send(url, { method: "POST", headers: bearerHeader(bearer) }, signal);
    if (response.ok) return parseJson(text, "POST", url);
    throw mintingFailed(this.#failure("POST", url, response, messageOf(text)), { status: response.status, path });
  }

  async #exchange(url: URL, init: RequestParts, signal: AbortSignal): Promise<Exchange> {
    const bearer = await this.#options.credentials.bearer((...request) => this.#mint(...request), signal);
    return await this.#send(url, { ...init, headers: { ...init.headers, ...bearerHeader(bearer) } }, signal);
  }

  /** One request with its whole body, within the time-out. */
  async #send(url: URL, init: RequestParts, signal: AbortSignal): Promise<Exchange> {
    const { fetch, clock } = this.#options.context;
    signal.throwIfAborted();
    // Linked by hand: AbortSignal.any would keep every request's signal on the tick's signal until that is collected.
    const deadline = new AbortController();
    const forward = () => deadline.abort(signal.reason);
    signal.addEventListener("abort", forward, { once: true });
    const cancelTimer = clock.after(requestTimeoutMs, () => deadline.abort(new Error("timed out")));
    try {
      const headers = { ...commonHeaders, ...init.headers };
      const response = await fetch(url, { ...init, headers, redirect: "manual", signal: deadline.signal });
      const text = await readResponseText(response, maxBodyBytes);
      if (text === undefined)
        throw badAnswer(`GitHub's answer to ${asked(init.method, url)} is larger than ${maxBodyBytes} bytes`);
      return { response, text };
    } catch (error) {
      signal.throwIfAborted();
      if (isConnectorsError(error)) throw error;
      if (deadline.signal.aborted) {
        throw new OverloadedError(
          `GitHub did not finish its answer to ${asked(init.method, url)} within ${requestTimeoutMs / 1_000} s`,
        );
      }
      throw unavailable(`${asked(init.method, url)} at ${this.#origin} failed: ${networkReason(error)}`, error);
    } finally {
      cancelTimer();
      signal.removeEventListener("abort", forward);
    }
  }
}

function bearerHeader(bearer: Secret | undefined): Readonly<Record<string, string>> {
  return bearer === undefined ? {} : { authorization: `Bearer ${bearer.reveal()}` };
}

/** GitHub Enterprise Server has REST at `/api/v3` and GraphQL at `/api/graphql`; github.com has it at `/graphql`. */
export function graphqlUrl(baseUrl: string): string {
  return baseUrl.endsWith("/api/v3") ? baseUrl.replace(/\/v3$/, "/graphql") : `${baseUrl}/graphql`;
}

function asked(method: string, url: URL): string {
  return `${method} ${url.pathname}`;
}

function parseJson(text: string, method: string, url: URL): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badAnswer(`GitHub's answer to ${asked(method, url)} is not JSON`, error);
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function messageOf(text: string): string {
  try {
    return textOf(field(JSON.parse(text), "message"));
  } catch {
    // An error page of a proxy: its status says enough.
    return "";
  }
}

function graphqlErrors(answer: unknown): readonly GraphqlError[] {
  const errors = field(answer, "errors");
  if (!Array.isArray(errors)) return [];
  return errors.map((error) => ({
    type: textOf(field(error, "type")) || textOf(field(field(error, "extensions"), "code")),
    message: textOf(field(error, "message")),
  }));
}

/** undici hides the reason of a `fetch failed` in its cause. */
function networkReason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = field(cause, "code");
  if (typeof code === "string") return code;
  return cause instanceof Error ? cause.message : String(cause);
}
