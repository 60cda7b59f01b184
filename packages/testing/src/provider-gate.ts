/** What a provider does instead of answering: a response, a rejection, or nothing until the request is aborted. */
export type GateAnswer = () => Response | Promise<Response>;

/** Stands between a connector and its provider: counts what is asked, and can answer in the provider's place. */
export class ProviderGate {
  requests = 0;
  readonly #through: typeof globalThis.fetch;
  #answer: GateAnswer | undefined;
  #asked = Promise.withResolvers<void>();

  constructor(through: typeof globalThis.fetch) {
    this.#through = through;
  }

  /** From now on every request gets this; undefined: the provider's own answer. */
  answerWith(answer: GateAnswer | undefined): void {
    this.#answer = answer;
  }

  /** From now on no request is answered. */
  silence(): void {
    this.#answer = () => new Promise<never>(() => undefined);
  }

  /** Resolves at the next request. */
  nextRequest(): Promise<void> {
    return this.#asked.promise;
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    this.requests += 1;
    this.#asked.resolve();
    this.#asked = Promise.withResolvers();
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    if (this.#answer === undefined) return this.#through(input, init);
    return Promise.race([this.#answer(), abortOf(signal)]);
  };
}

function abortOf(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
