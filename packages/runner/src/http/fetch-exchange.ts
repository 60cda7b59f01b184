import type { ReceiverResponse } from "@statewave-connectors/connector-sdk";
import { discardRequestBody, readRequestBody, sendableResponse } from "@statewave-connectors/connector-sdk/receive";
import type { BasePath } from "./base-path.ts";
import type { BodyLimits, BodyReading } from "./body-reading.ts";
import type { BytesResponse, Exchange } from "./route.ts";

/** A request that the embedder's server took and passed to `runner.fetch`. */
export class FetchExchange implements Exchange {
  readonly method: string;
  readonly target: string;
  readonly headers: Exchange["headers"];
  readonly hosts: readonly string[];
  readonly peer = "";
  /** The answer; undefined until `send`. */
  response: Response | undefined;
  readonly #request: Request;
  readonly #cut = new AbortController();
  #hasWholeBody = false;

  constructor(request: Request, basePath: BasePath) {
    const { pathname, search, host } = new URL(request.url);
    this.#request = request;
    this.method = request.method;
    // Some frameworks strip the mount's path before they pass a request on.
    this.target = (basePath.below(pathname) ?? pathname) + search;
    this.headers = Object.fromEntries(request.headers);
    this.hosts = [request.headers.get("host") ?? host];
  }

  async readBody({ maxBytes, timeoutMs, clock, reservation }: BodyLimits): Promise<BodyReading> {
    let isLate = false;
    const cancelTimeout = clock.after(timeoutMs, () => {
      isLate = true;
      this.#cut.abort();
    });
    const cut = () => this.#cut.abort();
    this.#request.signal.addEventListener("abort", cut, { once: true });
    try {
      const reserve = (totalBytes: number) => reservation.growTo(totalBytes);
      const reading = await readRequestBody(this.#request, { maxBytes, reserve, signal: this.#cut.signal });
      this.#hasWholeBody = reading.type === "complete";
      return isLate && reading.type === "gone" ? { type: "timed_out" } : reading;
    } finally {
      cancelTimeout();
      this.#request.signal.removeEventListener("abort", cut);
    }
  }

  async discardBody({ timeoutMs, clock }: Pick<BodyLimits, "timeoutMs" | "clock">): Promise<void> {
    const cancelTimeout = clock.after(timeoutMs, () => this.#cut.abort());
    await discardRequestBody(this.#request, this.#cut.signal);
    cancelTimeout();
  }

  send(response: ReceiverResponse | BytesResponse): number {
    const { status, headers, body: text } = sendableResponse("bytes" in response ? withoutBytes(response) : response);
    const body = "bytes" in response ? response.bytes : text;
    if (body !== undefined) headers["x-content-type-options"] ??= "nosniff";
    this.response ??= new Response(this.method === "HEAD" ? null : (body ?? null), { status, headers });
    return this.response.status;
  }

  fail(response: ReceiverResponse): void {
    this.response = undefined;
    this.send(response);
  }

  /** Stops reading a body that is not whole. */
  cutUnfinished(): void {
    if (!this.#hasWholeBody) this.#cut.abort();
  }
}

function withoutBytes({ status, headers }: BytesResponse): ReceiverResponse {
  return { status, headers };
}
