import type { IncomingMessage, ServerResponse } from "node:http";
import type { ReceiverResponse } from "@statewave-connectors/connector-sdk";
import type { BodyLimits, BodyReading } from "./body-reading.ts";
import { discardBody, readBody } from "./read-body.ts";
import { respond } from "./respond.ts";
import { authorityOf, type BytesResponse, type Exchange, toOriginForm } from "./route.ts";

/** A request that node:http took. */
export class NodeExchange implements Exchange {
  readonly target: string;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;

  constructor(incoming: IncomingMessage, outgoing: ServerResponse) {
    this.target = toOriginForm(incoming.url ?? "/");
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  get method(): string {
    return this.#incoming.method ?? "";
  }

  get headers(): IncomingMessage["headers"] {
    return this.#incoming.headers;
  }

  get hosts(): readonly string[] {
    const { headersDistinct, url = "" } = this.#incoming;
    // node:http keeps the first of several Host headers only.
    const named = headersDistinct["host"]?.join(",");
    return [named, authorityOf(url)].filter((host) => host !== undefined);
  }

  get peer(): string {
    return this.#incoming.socket.remoteAddress ?? "";
  }

  readBody(limits: BodyLimits): Promise<BodyReading> {
    return readBody(this.#incoming, this.#outgoing, limits);
  }

  discardBody(limits: Pick<BodyLimits, "timeoutMs" | "clock">): Promise<void> {
    return discardBody(this.#incoming, limits);
  }

  send(response: ReceiverResponse | BytesResponse): number {
    respond(this.#outgoing, response);
    return this.#outgoing.statusCode;
  }

  fail(response: ReceiverResponse): void {
    if (this.#outgoing.headersSent) this.#outgoing.destroy();
    else respond(this.#outgoing, response);
  }
}
