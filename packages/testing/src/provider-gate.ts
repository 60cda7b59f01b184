/** What a provider does instead of answering: a response, a rejection, or nothing until the request is aborted. */
export type GateAnswer = () => Response | Promise<Response>;

/** A request on its way to the provider. */
export interface GateRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** An empty string where there is none. */
  readonly body: string;
}

/** Answers a request in the provider's place; `pass` has it answered by the provider. */
export type Interception = (request: GateRequest, pass: () => Promise<Response>) => Response | Promise<Response>;

const redirectStatuses = new Set([301, 302, 303, 307, 308]);
/** What `fetch` itself takes off a request that is redirected to another origin. */
const ownHeaders = ["authorization", "proxy-authorization", "cookie", "host"];

/** Stands between a connector and its provider: counts the requests, and can answer in the provider's place. */
export class ProviderGate {
  requests = 0;
  readonly #through: typeof globalThis.fetch;
  readonly #isExempt: ((request: GateRequest) => boolean) | undefined;
  #interception: Interception | undefined;
  #asked = Promise.withResolvers<void>();

  /** @param isExempt Which requests are always answered by the provider. */
  constructor(through: typeof globalThis.fetch, isExempt?: (request: GateRequest) => boolean) {
    this.#through = through;
    this.#isExempt = isExempt;
  }

  /** From now on every request gets this; undefined: the provider's own answer. */
  answerWith(answer: GateAnswer | undefined): void {
    this.#interception = answer;
  }

  /** From now on every request is answered by `interception`; undefined: by the provider. */
  intercept(interception: Interception | undefined): void {
    this.#interception = interception;
  }

  /** From now on no request is answered. */
  silence(): void {
    this.#interception = () => new Promise<never>(() => undefined);
  }

  /** Resolves at the next request that is not exempt. */
  nextRequest(): Promise<void> {
    return this.#asked.promise;
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    this.requests += 1;
    if (this.#isExempt?.(await read(input, init)) === true) return await this.#through(input, init);
    this.#asked.resolve();
    this.#asked = Promise.withResolvers();
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    if (this.#interception === undefined) return this.#through(input, init);
    return await Promise.race([this.#answer(this.#interception, input, init), abortOf(signal)]);
  };

  async #answer(interception: Interception, input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    const request = await read(input, init);
    const response = await interception(request, () => this.#through(input, init));
    const location = response.headers.get("location");
    const redirect = init?.redirect ?? (input instanceof Request ? input.redirect : "follow");
    if (!redirectStatuses.has(response.status) || location === null || redirect === "manual") return response;
    if (redirect === "error") throw new TypeError("fetch failed", { cause: new Error("unexpected redirect") });
    return this.#follow(request, new URL(location, request.url), init);
  }

  /** As `fetch` follows a redirect by itself. */
  async #follow(from: GateRequest, to: URL, init: RequestInit | undefined): Promise<Response> {
    const headers = new Headers(from.headers);
    if (to.origin !== from.url.origin) for (const name of ownHeaders) headers.delete(name);
    const { method, body } = from;
    return await this.fetch(to, { ...init, method, headers, ...(body === "" ? {} : { body }) });
  }
}

async function read(input: string | URL | Request, init: RequestInit | undefined): Promise<GateRequest> {
  const sent = new Request(input instanceof Request ? input.clone() : input, { ...init, signal: null });
  const body = sent.body === null ? "" : await sent.text();
  return { method: sent.method, url: new URL(sent.url), headers: sent.headers, body };
}

function abortOf(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
