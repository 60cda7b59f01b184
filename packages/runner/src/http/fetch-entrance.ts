import type { Clock } from "@statewave-connectors/connector-sdk";
import { jsonAnswer } from "@statewave-connectors/connector-sdk/receive";
import { orAborted } from "../deadline/or-aborted.ts";
import type { BasePath } from "./base-path.ts";
import { FetchExchange } from "./fetch-exchange.ts";

/** Answers the requests that the embedder's server passes on, and tracks those in flight. */
export class FetchEntrance {
  readonly #dispatch: (exchange: FetchExchange) => void | Promise<void>;
  readonly #basePath: BasePath;
  readonly #inFlight = new Set<FetchExchange>();
  #isClosed = false;
  #onIdle: () => void = () => undefined;

  constructor(dispatch: (exchange: FetchExchange) => void | Promise<void>, basePath: BasePath) {
    this.#dispatch = dispatch;
    this.#basePath = basePath;
  }

  /** Whether requests are no longer taken. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  async fetch(request: Request): Promise<Response> {
    const exchange = new FetchExchange(request, this.#basePath);
    this.#inFlight.add(exchange);
    try {
      await this.#dispatch(exchange);
      // Without an answer the client left before its body was whole; the server still wants a response.
      if (exchange.response === undefined) exchange.send(jsonAnswer(400, { error: "request_aborted" }));
      return exchange.response!;
    } finally {
      this.#inFlight.delete(exchange);
      if (this.#inFlight.size === 0) this.#onIdle();
    }
  }

  /** Takes no more requests and waits for those in flight; a body that is not whole after `graceMs` is cut, like all on abort. */
  async close(clock: Clock, graceMs: number, signal: AbortSignal): Promise<void> {
    this.#isClosed = true;
    if (this.#inFlight.size === 0) return;
    const cut = () => {
      for (const exchange of this.#inFlight) exchange.cutUnfinished();
    };
    const cancelCut = clock.after(graceMs, cut);
    const idle = new Promise<void>((resolve) => (this.#onIdle = resolve));
    await orAborted(idle, signal).catch(() => undefined);
    cancelCut();
    cut();
  }
}
